// The gateway under test: `vestibule demo`, or `vestibule serve` with a file written for the test.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, freePort } from './process.mjs';
import { vestibule } from './places.mjs';

export const PASSWORD = 'correct horse battery staple';

/** The argon2id hash of a password, made by the program's own command. */
export const hashOf = (password) => execFileSync(vestibule, ['hash'], { input: `${password}\n`, encoding: 'utf8' }).trim();

let hash;
const passwordHash = () => (hash ??= hashOf(PASSWORD));

/** One request that trusts the gateway's own certificate, for looking at answers without a browser. */
export function ask(url, { host, method = 'GET', headers = {} } = {}) {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = https.request(
      { host: '127.0.0.1', port, path: pathname + search, method, rejectUnauthorized: false,
        servername: /^[\d.]+$/.test(hostname) ? '' : hostname,
        headers: { host: host ?? `${hostname}:${port}`, ...headers } },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (text) => (body += text));
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
      },
    );
    request.setTimeout(5000, () => request.destroy(new Error('no answer within 5 s')));
    request.on('error', reject);
    request.end();
  });
}

const answers = (url) => ask(url).then(() => true, () => false);

/** Ends the gateway as an operator does; told to stop, it leaves with 0. */
async function drain(program) {
  const how = await program.stop();
  if (how !== 0) throw new Error(`${program.name} ended with ${how}:\n${program.output.slice(-2000)}`);
}

function workplace(kind) {
  const folder = mkdtempSync(join(tmpdir(), `vestibule-${kind}-`));
  return { folder, clear: () => rmSync(folder, { recursive: true, force: true }) };
}

/** `vestibule demo`, with what it printed for the person who started it. */
export async function startDemo(args = []) {
  const { folder, clear } = workplace('demo');
  const port = await freePort();
  const program = new Program('demo', vestibule, ['demo', '--listen', `127.0.0.1:${port}`, '--data', folder, ...args]);
  const line = (label) => program.output.match(new RegExp(`^\\s*${label}:\\s+(.+?)\\s*$`, 'm'))?.[1];
  await program.until(() => line('TOTP secret'));
  const address = line('Address').replace(/\/$/, '');
  await program.until(() => answers(`${address}/`));
  return {
    address,
    user: line('User name'),
    password: line('Password'),
    key: line('TOTP secret'),
    program,
    stop: () => drain(program).finally(clear),
  };
}

/** A key and a certificate of these hosts that stands for itself, as `key.pem` and `chain.pem` in `folder`. */
export function makeCertificate(folder, hosts) {
  const [key, chain] = [join(folder, 'key.pem'), join(folder, 'chain.pem')];
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '365', '-subj', '/CN=test',
    // Who trusts it as an authority meets it as a server: it may not be both.
    '-addext', 'basicConstraints=critical,CA:FALSE',
    '-addext', `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`, '-keyout', key, '-out', chain,
  ], { stdio: 'pipe' });
  return { key, chain };
}

/**
 * `vestibule serve`. `portals` maps a name to its upstream and rules, as objects or as written in a file, and whatever else
 * its entry says; each portal answers to `NAME.test`.
 * `port` is a free one, unless somebody must know it before.
 * `people` are entries of users.toml, all with the same password unless it is `false`.
 * `server` are lines of `[server]`, `settings` everything else of the file, `environment` what the program is told besides.
 */
export async function startServe(name, { portals, people, settings = '', server = '', port = undefined, environment = {} }) {
  const { folder, clear } = workplace(name);
  port ??= await freePort();
  const internal = await freePort();
  makeCertificate(folder, Object.keys(portals).map((portal) => `${portal}.test`));
  const list = (everybody) => writeFileSync(join(folder, 'users.toml'), everybody.map(personToml).join('\n'), { mode: 0o600 });
  list(people);
  const file = join(folder, 'vestibule.toml');
  writeFileSync(file, `
[server]
https = ["127.0.0.1:${port}"]
internal = "127.0.0.1:${internal}"
socket = "vestibule.sock"
${server}

[tls]
certificates = [{ chain = "chain.pem", key = "key.pem" }]

[store]
url = "sqlite:vestibule.db"

[[directory]]
kind = "file"
path = "users.toml"

${settings}
${Object.entries(portals).map(([portal, value]) => portalToml(portal, value)).join('\n')}
`);
  const options = { cwd: folder, env: { ...process.env, ...environment } };
  const program = new Program(name, vestibule, ['serve', '--config', file], options);
  const origin = (portal) => `https://${portal}.test:${port}`;
  await program.until(() => answers(`${origin(Object.keys(portals)[0])}/`));
  const quietly = { ...options, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  const command = (...words) => execFileSync(vestibule, [...words, '--config', file], quietly);
  return {
    origin, port, folder, file, program,
    /** An operator's command to this gateway, and what it printed. */
    command,
    /** Writes another list of people, and has it read. */
    relist: (others) => {
      list(others);
      command('reload');
    },
    stop: () => drain(program).finally(clear),
  };
}

function quoted(value) {
  const isTable = typeof value === 'object' && !Array.isArray(value);
  return isTable ? `{ ${lines(value).join(', ')} }` : JSON.stringify(value);
}

const lines = (table) => Object.entries(table).map(([key, value]) => `${key} = ${quoted(value)}`);

function personToml({ password = passwordHash(), ...rest }) {
  return ['[[user]]', ...lines(password ? { ...rest, password } : rest), ''].join('\n');
}

function portalToml(name, { rules, ...rest }) {
  const head = ['[[portal]]', ...lines({ name, title: name, hosts: [`${name}.test`], ...rest })];
  const written = typeof rules === 'string' ? [rules] : rules.map((rule) => ['[[portal.rule]]', ...lines(rule)].join('\n'));
  return [...head, ...written, ''].join('\n');
}
