//! Parameters: one table that describes them and reads them.

mod access;
mod any;
mod describe;
mod edit;
mod keyframes;
mod keys;
mod row;
mod value;

pub use access::Parameters;
pub(crate) use access::c_text;
pub use any::AnyValue;
pub use edit::EditBlock;
pub use keyframes::Direction;
pub use keys::{
    BooleanKey, ChoiceKey, Double2DKey, DoubleKey, GroupKey, IntegerKey, Key, PageKey, PushButtonKey, TextKey,
};
pub use row::{Row, TextMode};
pub use value::Value;

pub(crate) use describe::describe;
