//! The fields of a fact about a patient.

/// Declares the fields of a fact once, for the row and the answer, for the content that records one
/// and for the content that changes one.
///
/// A field is `required`, `defaulted` (with the path of the function that gives the value when it is
/// left out), `optional`, or `instant DateTime`, which is optional too. The parentheses behind it hold
/// what the document says of its value.
macro_rules! fields_of_fact {
    (
        table $table:ident, id $id:ident;
        $(#[$fact_meta:meta])* fact $fact:ident as $shown:ident;
        $(#[$recorded_meta:meta])* record $recorded:ident;
        $(#[$changed_meta:meta])* change $changed:ident;
        $(
            $(#[$field_meta:meta])*
            $name:ident:
                $(required $required:ident)?
                $(defaulted $defaulted:ident = $default:literal)?
                $(optional $optional:ident)?
                $(instant $instant:ident)?
                with $schema:tt;
        )+
    ) => {
        $(#[$fact_meta])*
        #[derive(Clone, HasQuery, Insertable, AsChangeset, Serialize, ToSchema)]
        #[diesel(
            table_name = crate::schema::$table,
            treat_none_as_null = true,
            treat_none_as_default_value = false
        )]
        #[schema(as = $shown)]
        struct $fact {
            id: $id,
            patient_id: PatientId,
            $(
                $($name: $required,)?
                $($name: $defaulted,)?
                $($name: Option<$optional>,)?
                $($name: Option<$instant<Utc>>,)?
            )+
            version: Version,
            updated_at: DateTime<Utc>,
        }

        $(#[$recorded_meta])*
        #[derive(Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        struct $recorded {
            $(
                $(#[$field_meta])*
                #[schema $schema]
                $($name: $required,)?
                $(
                    #[serde(default = $default)]
                    $name: $defaulted,
                )?
                $($name: Option<$optional>,)?
                $(
                    #[schema(value_type = Option<String>, format = $instant)]
                    $name: Option<Timestamp>,
                )?
            )+
        }

        $(#[$changed_meta])*
        #[derive(Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        struct $changed {
            $(
                $(#[$field_meta])*
                #[schema $schema]
                $(
                    #[schema(nullable = false)]
                    $name: Option<$required>,
                )?
                $(
                    #[schema(nullable = false)]
                    $name: Option<$defaulted>,
                )?
                $(
                    #[serde(default, with = "serde_with::rust::double_option")]
                    #[schema(value_type = Option<$optional>)]
                    $name: Option<Option<$optional>>,
                )?
                $(
                    #[serde(default, with = "serde_with::rust::double_option")]
                    #[schema(value_type = Option<String>, format = $instant)]
                    $name: Option<Option<Timestamp>>,
                )?
            )+
        }

        impl $fact {
            fn recorded(writing: Writing<'_>, content: &$recorded) -> Self {
                Self {
                    id: $id::fresh(writing.now),
                    patient_id: writing.patient_id,
                    $(
                        $($name: <$required as Clone>::clone(&content.$name),)?
                        $($name: <$defaulted as Clone>::clone(&content.$name),)?
                        $($name: <Option<$optional> as Clone>::clone(&content.$name),)?
                        $($name: content.$name.map(|instant| -> $instant<Utc> { instant.0 }),)?
                    )+
                    version: Version::FIRST,
                    updated_at: writing.now,
                }
            }
        }

        impl Changes<$fact> for $changed {
            fn apply(&self, fact: &mut $fact) {
                $(
                    if let Some(value) = &self.$name {
                        $(<$required as Clone>::clone_from(&mut fact.$name, value);)?
                        $(<$defaulted as Clone>::clone_from(&mut fact.$name, value);)?
                        $(<Option<$optional> as Clone>::clone_from(&mut fact.$name, value);)?
                        $(fact.$name = value.map(|instant| -> $instant<Utc> { instant.0 });)?
                    }
                )+
            }
        }
    };
}
pub(in crate::patients) use fields_of_fact;
