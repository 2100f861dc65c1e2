//! The id of a procedure, which vials and movements of stock name.
//!
//! It is declared here and not in `procedures`, because a feature knows only those below it.

use crate::platform::id::id;

id! {
    /// Names a procedure.
    pub(crate) struct ProcedureId
}
