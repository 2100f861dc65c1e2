// @generated automatically by Diesel CLI.

pub mod control {
    diesel::table! {
        control.activations (id) {
            id -> Uuid,
            practice_id -> Uuid,
            patient_id -> Uuid,
            code_hash -> Bytea,
            proof_hash -> Bytea,
            holder_name -> Text,
            relationship -> Text,
            scope -> Text,
            link_ends_at -> Nullable<Timestamptz>,
            created_by -> Uuid,
            created_at -> Timestamptz,
            expires_at -> Timestamptz,
            failures -> Int4,
            used_at -> Nullable<Timestamptz>,
            withdrawn_at -> Nullable<Timestamptz>,
            withdrawn_by -> Nullable<Uuid>,
        }
    }

    diesel::table! {
        control.calendar_feeds (id) {
            id -> Uuid,
            practice_id -> Uuid,
            user_id -> Uuid,
            provider_id -> Nullable<Uuid>,
            patient_id -> Nullable<Uuid>,
            token_hash -> Bytea,
            created_at -> Timestamptz,
            revoked_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        control.failed_sign_ins (id) {
            id -> Uuid,
            email -> Text,
            created_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.identity_providers (practice_id) {
            practice_id -> Uuid,
            issuer -> Text,
            client_id -> Text,
            client_secret -> Nullable<Text>,
            redirect_uri -> Text,
            second_factor_values -> Array<Nullable<Text>>,
            is_enabled -> Bool,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.invitations (id) {
            id -> Uuid,
            practice_id -> Uuid,
            email -> Text,
            role -> Text,
            token_hash -> Bytea,
            invited_by -> Uuid,
            created_at -> Timestamptz,
            expires_at -> Timestamptz,
            accepted_at -> Nullable<Timestamptz>,
            revoked_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        control.known_devices (user_id, token_hash) {
            user_id -> Uuid,
            token_hash -> Bytea,
            created_at -> Timestamptz,
            last_used_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.mail_outbox (id) {
            id -> Uuid,
            recipient -> Text,
            subject -> Text,
            body -> Text,
            created_at -> Timestamptz,
            due_at -> Timestamptz,
            sent_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        control.memberships (practice_id, user_id) {
            practice_id -> Uuid,
            user_id -> Uuid,
            role -> Text,
            provider_id -> Nullable<Uuid>,
            suspended_at -> Nullable<Timestamptz>,
            created_at -> Timestamptz,
            version -> Int8,
            updated_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.password_resets (token_hash) {
            token_hash -> Bytea,
            user_id -> Uuid,
            created_at -> Timestamptz,
            expires_at -> Timestamptz,
            used_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        control.password_wishes (id) {
            id -> Uuid,
            email -> Text,
            created_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.patient_links (practice_id, user_id, patient_id) {
            practice_id -> Uuid,
            user_id -> Uuid,
            patient_id -> Uuid,
            created_at -> Timestamptz,
            ends_at -> Nullable<Timestamptz>,
            revoked_at -> Nullable<Timestamptz>,
            merge_id -> Nullable<Uuid>,
            id -> Uuid,
            relationship -> Text,
            scope -> Text,
            revoked_by -> Nullable<Uuid>,
        }
    }

    diesel::table! {
        control.practices (id) {
            id -> Uuid,
            slug -> Text,
            name -> Text,
            time_zone -> Text,
            version -> Int8,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
            waitlist_offer_minutes -> Int4,
            waitlist_notice_minutes -> Int4,
            most_booked_ahead -> Int4,
            second_factor_roles -> Array<Nullable<Text>>,
            step_up_for -> Array<Nullable<Text>>,
        }
    }

    diesel::table! {
        control.provider_sign_ins (token_hash) {
            token_hash -> Bytea,
            state_hash -> Bytea,
            practice_id -> Uuid,
            issuer -> Text,
            nonce -> Text,
            verifier -> Text,
            invitation_hash -> Nullable<Bytea>,
            created_at -> Timestamptz,
            expires_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.provider_subjects (practice_id, issuer, subject) {
            practice_id -> Uuid,
            issuer -> Text,
            subject -> Text,
            user_id -> Uuid,
            linked_at -> Timestamptz,
            linked_by -> Nullable<Uuid>,
        }
    }

    diesel::table! {
        control.recovery_codes (user_id, code_hash) {
            user_id -> Uuid,
            code_hash -> Bytea,
            created_at -> Timestamptz,
            used_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        control.refresh_tokens (token_hash) {
            token_hash -> Bytea,
            session_id -> Uuid,
            issued_at -> Timestamptz,
            expires_at -> Timestamptz,
            used_at -> Nullable<Timestamptz>,
            used_by -> Nullable<Bytea>,
            successor_mask -> Nullable<Bytea>,
        }
    }

    diesel::table! {
        control.second_factors (user_id) {
            user_id -> Uuid,
            secret -> Bytea,
            created_at -> Timestamptz,
            activated_at -> Nullable<Timestamptz>,
            last_step -> Nullable<Int8>,
        }
    }

    diesel::table! {
        control.service_account_keys (id) {
            id -> Uuid,
            service_account_id -> Uuid,
            place -> Int2,
            prefix -> Text,
            secret_hash -> Bytea,
            created_by -> Uuid,
            created_at -> Timestamptz,
            expires_at -> Timestamptz,
            last_used_at -> Nullable<Timestamptz>,
            revoked_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        control.service_accounts (id) {
            id -> Uuid,
            practice_id -> Uuid,
            name -> Text,
            scopes -> Array<Nullable<Text>>,
            networks -> Array<Nullable<Text>>,
            disabled_at -> Nullable<Timestamptz>,
            created_by -> Uuid,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
            version -> Int8,
        }
    }

    diesel::table! {
        control.sessions (id) {
            id -> Uuid,
            practice_id -> Uuid,
            user_id -> Uuid,
            client -> Nullable<Text>,
            network -> Text,
            created_at -> Timestamptz,
            refreshed_at -> Timestamptz,
            expires_at -> Timestamptz,
            revoked_at -> Nullable<Timestamptz>,
            second_factor_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        control.sign_in_challenges (token_hash) {
            token_hash -> Bytea,
            practice_id -> Uuid,
            user_id -> Uuid,
            created_at -> Timestamptz,
            expires_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.sign_in_throttles (subject_hash) {
            subject_hash -> Bytea,
            tries -> Int4,
            last_tried_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.signing_keys (key_id) {
            key_id -> Text,
            private_key -> Bytea,
            public_key -> Bytea,
            created_at -> Timestamptz,
            retired_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        control.trail_keys (created_at) {
            secret -> Bytea,
            created_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.users (id) {
            id -> Uuid,
            email -> Text,
            display_name -> Text,
            password_hash -> Text,
            disabled_at -> Nullable<Timestamptz>,
            email_proven_at -> Nullable<Timestamptz>,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
        }
    }

    diesel::table! {
        control.waitlist_calls (practice_id, id) {
            practice_id -> Uuid,
            id -> Uuid,
            due_at -> Timestamptz,
        }
    }

    diesel::joinable!(activations -> practices (practice_id));
    diesel::joinable!(identity_providers -> practices (practice_id));
    diesel::joinable!(invitations -> practices (practice_id));
    diesel::joinable!(invitations -> users (invited_by));
    diesel::joinable!(known_devices -> users (user_id));
    diesel::joinable!(memberships -> practices (practice_id));
    diesel::joinable!(memberships -> users (user_id));
    diesel::joinable!(password_resets -> users (user_id));
    diesel::joinable!(provider_sign_ins -> practices (practice_id));
    diesel::joinable!(recovery_codes -> users (user_id));
    diesel::joinable!(refresh_tokens -> sessions (session_id));
    diesel::joinable!(second_factors -> users (user_id));
    diesel::joinable!(service_account_keys -> service_accounts (service_account_id));
    diesel::joinable!(service_accounts -> practices (practice_id));
    diesel::joinable!(service_accounts -> users (created_by));
    diesel::joinable!(sign_in_challenges -> users (user_id));

    diesel::allow_tables_to_appear_in_same_query!(
        activations,
        calendar_feeds,
        failed_sign_ins,
        identity_providers,
        invitations,
        known_devices,
        mail_outbox,
        memberships,
        password_resets,
        password_wishes,
        patient_links,
        practices,
        provider_sign_ins,
        provider_subjects,
        recovery_codes,
        refresh_tokens,
        second_factors,
        service_account_keys,
        service_accounts,
        sessions,
        sign_in_challenges,
        sign_in_throttles,
        signing_keys,
        trail_keys,
        users,
        waitlist_calls,
    );
}
