//! Signing in with the account that a clinic has already: OpenID Connect.
//!
//! An admin names the provider of the practice, such as Keycloak, Entra ID, Google, Authentik or Rauthy.
//! A client asks where to send the person (`start`), the provider sends them back to a page of the
//! client, and the client hands on what it was given (`finish`). The session that begins is like any
//! other.
//!
//! * The provider says who somebody is by a **subject**. It is linked to a user by an admin, or by the
//!   person themselves with the code of an invitation. An e-mail address that is equal links nobody: the
//!   provider may let anybody write any address there.
//! * The code is exchanged with the proof of PKCE, and the answer holds the nonce of this sign-in. What a
//!   sign-in needs is used up by the first try to finish it, right or wrong, and is good for ten minutes.
//! * A sign-in is finished by who began it: they hold a token that is in no address. Otherwise somebody
//!   could have another person finish a sign-in that leads into an account that is not theirs.
//! * The provider's second factor counts where the practice lists the values of `amr` or `acr` that stand for
//!   one. Otherwise ours is asked for, as after a password.

mod finish;
mod link;
mod logout;
mod name_provider;
mod provider;
mod routes;
mod start;
mod store;

pub(super) use routes::configure;
