// A real OpenID provider for tests/api/single_sign_on.rs: `node provider.mjs FOLDER`, where FOLDER is where npm has
// installed oidc-provider. It prints its address and ends when its input does. Everybody signs in at once as the `login_hint` of the address says: a subject, and behind a
// plus the methods (`amr`) with which they proved who they are.
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const module = join(folder, 'node_modules', 'oidc-provider', 'lib', 'index.js');
const { Provider } = await import(pathToFileURL(module).href);

let answer;
const server = createServer((request, response) => answer(request, response));
await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'tautband',
    client_secret: 'a-secret-of-the-test',
    redirect_uris: ['https://clinic.example/signed-in'],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  // The ID token holds what it is about.
  conformIdTokenClaims: false,
  claims: { openid: ['sub', 'amr'], profile: ['name'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ['of the test'] },
  findAccount: (_, subject) => ({
    accountId: subject,
    claims: () => ({ sub: subject, name: 'Nia Sso', email: 'ada@riverside.example', email_verified: true }),
  }),
  // Nobody is asked whether the service may know who they are.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
});

const protocol = provider.callback();
answer = async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return protocol(request, response);
  const { params } = await provider.interactionDetails(request, response);
  const [accountId, ...amr] = params.login_hint.split('+');
  return provider.interactionFinished(request, response, { login: { accountId, amr } });
};
process.stdin.on('end', () => process.exit()).resume();
console.log(`issuer ${issuer}`);
// Nobody reads what comes after that, and it must not stop for it.
process.stdout.on('error', () => {});
console.log = console.info = console.warn = () => {};
