//! Parameters: one table that describes them and reads them.

mod access;
mod describe;
mod edit;
mod keyframes;
mod keys;
mod row;

pub(crate) use access::c_text;
pub use access::{Parameters, Value};
pub use edit::EditBlock;
pub use keyframes::Direction;
pub use keys::{
    BooleanKey, ChoiceKey, Double2DKey, DoubleKey, GroupKey, IntegerKey, Key, PageKey, PushButtonKey, TextKey,
};
pub use row::{Row, TextMode};

pub(crate) use describe::describe;
