//! Evidence as numbers: a score for each type of name, and the weight of each piece.

use std::ops::AddAssign;

/// The types of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Organization,
    Person,
    Location,
}

impl Kind {
    /// All of them, in their order.
    pub const ALL: [Kind; 3] = [Kind::Organization, Kind::Person, Kind::Location];
}

/// Evidence for each type; roughly in natural log-odds, so that independent pieces add up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    pub organization: f32,
    pub person: f32,
    pub location: f32,
    /// Against all three.
    pub none: f32,
}

impl Scores {
    /// The best type and its score, less what speaks against any.
    pub fn best(&self) -> (Kind, f32) {
        // In this order between equals: organizations are the commonest.
        let kinds = [
            (Kind::Organization, self.organization),
            (Kind::Person, self.person),
            (Kind::Location, self.location),
        ];
        let (kind, score) =
            kinds.into_iter().fold(kinds[0], |best, next| if next.1 > best.1 { next } else { best });
        (kind, score - self.none)
    }

    /// How far the best type is ahead of the second.
    pub fn margin(&self) -> f32 {
        let mut scores = [self.organization, self.person, self.location];
        scores.sort_by(f32::total_cmp);
        scores[2] - scores[1]
    }
}

impl AddAssign for Scores {
    fn add_assign(&mut self, other: Scores) {
        self.organization += other.organization;
        self.person += other.person;
        self.location += other.location;
        self.none += other.none;
    }
}

const fn organization(weight: f32) -> Scores {
    Scores { organization: weight, person: 0.0, location: 0.0, none: 0.0 }
}

const fn person(weight: f32) -> Scores {
    Scores { organization: 0.0, person: weight, location: 0.0, none: 0.0 }
}

const fn location(weight: f32) -> Scores {
    Scores { organization: 0.0, person: 0.0, location: weight, none: 0.0 }
}

const fn none(weight: f32) -> Scores {
    Scores { organization: 0.0, person: 0.0, location: 0.0, none: weight }
}

/// The weights, by what is seen. Chosen by the order of how telling the cues are, checked on development news.
pub mod weights {
    use super::{Scores, location, none, organization, person};

    // The name itself.
    pub const KNOWN_ORGANIZATION: Scores = organization(6.0);
    pub const KNOWN_PLACE: Scores = location(6.0);
    pub const KNOWN_TOWN: Scores = location(3.0);
    pub const AMBIGUOUS: Scores = Scores { organization: -3.0, person: 0.0, location: -3.0, none: 0.0 };
    pub const GIVEN_NAME_FIRST: Scores = person(3.0);
    pub const GIVEN_NAME_ALONE: Scores = person(1.2);
    pub const INITIAL_INSIDE: Scores = person(1.5);
    pub const PARTICLE_INSIDE: Scores = person(1.0);
    pub const LEGAL_SUFFIX: Scores = organization(4.0);
    pub const INSTITUTION_INSIDE: Scores = organization(3.0);
    pub const INSTITUTION_FORM: Scores = organization(3.5);
    pub const EXPANSION_FORM: Scores = organization(3.0);
    pub const PLACE_FORM: Scores = location(3.5);
    pub const PLACE_HEAD_INSIDE: Scores = location(3.0);
    pub const PLACE_LINK_INSIDE: Scores = location(3.0);
    pub const BROADCASTER_FIRST: Scores = organization(3.0);
    pub const ACRONYM: Scores = organization(0.9);
    pub const ACRONYM_SUPPORTED: Scores = organization(0.6);
    pub const CAMEL_CASE: Scores = organization(1.8);
    pub const AMPERSAND: Scores = organization(2.0);
    pub const TWO_CAPITALS: Scores = person(0.9);
    pub const SURNAME_ALONE: Scores = person(2.0);
    pub const INSTITUTION_ALONE: Scores = organization(1.8);
    pub const MANY_CAPITALS: Scores = organization(0.7);
    pub const DIGITS_INSIDE: Scores = none(1.5);
    pub const EVENT_INSIDE: Scores = none(4.0);
    pub const NO_NAME: Scores = none(6.0);
    pub const NATION_FIRST: Scores = organization(0.5);

    // Its writing.
    pub const CAPITAL_TELLS: Scores = none(-0.5);
    pub const SEEN_LOWER: Scores = none(2.0);
    pub const FUNCTION_WORD: Scores = none(3.0);

    // What stands before it.
    pub const HONORIFIC: Scores = person(4.0);
    pub const ROLE: Scores = person(2.0);
    pub const PERSON_NOUN: Scores = person(2.0);
    pub const ROLE_IN_APPOSITION: Scores = person(2.5);
    pub const SAYING_BEFORE: Scores = person(1.5);
    pub const BYLINE: Scores = person(2.5);
    pub const CREDITED_AGENCY: Scores = organization(2.5);
    pub const COPYRIGHT: Scores = organization(2.0);
    pub const IN_RESULT: Scores = organization(2.0);
    pub const COMPANY_IN_APPOSITION: Scores = organization(2.5);
    pub const LISTED_PLACE: Scores = location(3.5);
    pub const COORDINATED_PLACE: Scores = location(2.5);
    pub const COMPANY_NOUN: Scores = organization(2.5);
    pub const ROLE_OF: Scores = organization(2.0);
    pub const BELONGING_TO: Scores = organization(1.5);
    pub const ORG_PREPOSITION: Scores = organization(0.8);
    pub const PLACE_PREPOSITION: Scores = location(1.5);
    pub const PLACE_OF: Scores = location(2.0);

    // What stands behind it.
    pub const SAYING: Scores = Scores { organization: 0.8, person: 0.8, location: 0.0, none: 0.0 };
    pub const ACTING: Scores = organization(1.2);
    pub const ROLE_BEHIND: Scores = person(2.5);
    pub const WHO_BEHIND: Scores = person(2.0);
    pub const RESULT_BEHIND: Scores = person(1.5);
    pub const PLACE_BEHIND: Scores = location(2.0);
    pub const AGE_BEHIND: Scores = person(2.5);
    pub const OWNER_OF: Scores = organization(1.5);
    pub const COMPANY_BEHIND: Scores = organization(2.0);
    pub const COUNTRY_BEHIND: Scores = location(1.5);
    pub const ACRONYM_BEHIND: Scores = organization(1.0);
    pub const ACRONYM_OF: Scores = organization(2.5);
}
