//! Closed sets of words that travel as text, spelt the same wherever they are written.

use std::fmt::Debug;

/// A closed set of words.
///
/// A database column or an API document is implemented once for this trait, and so for every set.
pub trait Word: Copy + Debug + Send + Sync + 'static {
    /// The name of the set, as its type is called.
    const NAME: &'static str;
    /// Every word, in the order of declaration.
    const ALL: &'static [Self];

    /// The one spelling of this word.
    fn as_str(self) -> &'static str;

    /// Reads the one spelling. Returns `None` for any other text.
    #[must_use]
    fn parse(text: &str) -> Option<Self> {
        let mut words = Self::ALL.iter().copied();
        words.find(|word| word.as_str() == text)
    }
}

/// Declares an enum whose every variant has one spelling: in JSON, when it is printed, and
/// wherever a [`Word`] is stored.
#[macro_export]
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            ::serde::Serialize, ::serde::Deserialize,
        )]
        $visibility enum $name {
            $(
                $(#[$variant_meta])*
                #[serde(rename = $text)]
                $variant,
            )+
        }

        #[expect(
            clippy::allow_attributes,
            reason = "whether any of it is unused differs from one set of words to the next"
        )]
        #[allow(dead_code, reason = "not every set of words is listed, parsed and printed")]
        impl $name {
            /// Every variant, in the order of declaration.
            $visibility const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The one spelling of this variant.
            #[must_use]
            $visibility const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// Reads the one spelling. Returns `None` for any other text.
            #[must_use]
            $visibility fn parse(text: &str) -> Option<Self> {
                <Self as $crate::text::Word>::parse(text)
            }
        }

        impl $crate::text::Word for $name {
            const NAME: &'static str = stringify!($name);
            const ALL: &'static [Self] = Self::ALL;

            fn as_str(self) -> &'static str {
                self.as_str()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

pub use text_enum;
