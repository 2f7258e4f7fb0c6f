// A real OpenID provider on a loopback port: whoever types a name there has an account of that name.
import { once } from 'node:events';
import http from 'node:http';
import Provider from 'oidc-provider';
import { freePort } from './process.mjs';

const SECRET = 'between the gateway and the provider';

/** `callback` is where the gateway wants answers. What it writes into its file is in `settings`. */
export async function startProvider({ name, title, callbacks }) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const variable = `${name.toUpperCase()}_SECRET`;
  process.env[variable] = SECRET;
  // It says of itself that it is not for production, at some length.
  const chatter = ['info', 'warn'].map((word) => [word, console[word]]);
  for (const [word] of chatter) console[word] = () => {};
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'vestibule', client_secret: SECRET, redirect_uris: callbacks }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['a key of the test'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@acme.example`, email_verified: true }),
    }),
    pkce: { required: () => true },
  });
  const server = http.createServer(provider.callback());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    issuer,
    settings: `[[provider]]
name = "${name}"
title = "${title}"
issuer = "${issuer}"
client_id = "vestibule"
client_secret = { env = "${variable}" }
prompt = "login"
`,
    stop: () => {
      for (const [word, say] of chatter) console[word] = say;
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/** In front of the provider's own pages: who one is, and that the gateway may know. */
export async function signInThere(page, account) {
  await page.locator('[name="login"]').fill(account);
  await page.locator('[name="password"]').fill('anything');
  await page.locator('button[type="submit"]').click();
  const consent = page.getByRole('button', { name: /continue/i });
  await consent.waitFor();
  await consent.click();
}
