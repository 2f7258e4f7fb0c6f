// The post: a real mail server behind STARTTLS and a sign-in, and providers of text messages that check who signed a request.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeCertificate } from './gateway.mjs';
import { project } from './places.mjs';
import { Program } from './process.mjs';

/** Whether a message carries what its reader asked for, a code or a sign-in link; others tell what happened to an account. */
const isAskedFor = ({ text, headers, parts }) =>
  text !== undefined || /^\d{6} /.test(headers.subject) || parts['text/plain'].includes('/link?token=');

/** Messages in the order they came; each is taken once. Those that were asked for, or the others. */
export class Box {
  #messages;
  #isWanted;
  #taken = new Map();

  constructor(messages, isWanted = isAskedFor) {
    this.#messages = messages;
    this.#isWanted = isWanted;
  }

  /** Everything of its kind that ever went to `to`. */
  all(to) {
    return this.#messages().filter((message) => message.to.includes(to) && this.#isWanted(message));
  }

  /** The next message to `to`, once it is there. */
  async next(to) {
    const at = this.#taken.get(to) ?? 0;
    this.#taken.set(to, at + 1);
    for (let tries = 0; tries < 200; tries += 1) {
      const message = this.all(to)[at];
      if (message) return message;
      await wait(50);
    }
    throw new Error(`nothing came for ${to} within 10 s; there is ${JSON.stringify(this.#messages())}`);
  }
}

/** A mail server. `settings` is what the gateway's file says of it. */
export async function startMail(name) {
  const folder = mkdtempSync(join(tmpdir(), 'vestibule-mail-'));
  const { key, chain } = makeCertificate(folder, ['localhost']);
  const program = new Program(`${name}-mail`, '/usr/bin/python3', [join(project, 'tests/smtp/server.py'), 'starttls', chain, key]);
  const said = () => program.output.split('\n').slice(0, -1).filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const { port } = await program.until(() => said().find((line) => line.port));
  process.env.MAIL_PASSWORD = 'correct horse';
  const mails = () => said().filter((line) => line.to);
  return {
    box: new Box(mails),
    notices: new Box(mails, (mail) => !isAskedFor(mail)),
    settings: `[mail]
from = "${name} <no-reply@${name}.test>"

[mail.smtp]
host = "localhost"
port = ${port}
security = "starttls"
username = "vestibule"
password = { env = "MAIL_PASSWORD" }
ca = "${chain}"
`,
    stop: () => program.stop().finally(() => rmSync(folder, { recursive: true, force: true })),
  };
}

/** Somebody who carries text messages, as JSON or as a form, and puts them into `taken`; `isDown` makes it fail. */
export async function startTexts(name, kind, taken) {
  const secret = `between us and ${name}`;
  const variable = `SMS_${name.toUpperCase()}`;
  process.env[variable] = secret;
  const provider = { isDown: false, refused: 0 };
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
    const shown = Buffer.from(request.headers['x-signature'] ?? '');
    const isSigned = shown.length === expected.length && timingSafeEqual(shown, expected);
    if (provider.isDown || !isSigned) {
      provider.refused += 1;
      response.writeHead(isSigned ? 500 : 403).end();
      return;
    }
    const { to, text } = kind === 'json' ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(String(body)));
    taken.push({ to: [to], text, by: name });
    response.writeHead(202).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(provider, {
    settings: `[[sms.provider]]
url = "http://127.0.0.1:${server.address().port}/messages"
${kind} = { to = "{to}", text = "{text}" }
signature = { header = "X-Signature", prefix = "sha256=", secret = { env = "${variable}" } }
`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  });
}

/** The six digits of a mail or a text message. */
export function codeIn({ text, parts }) {
  const [code] = (text ?? parts['text/plain']).match(/(?<!\d)\d{6}(?!\d)/);
  return code;
}

/** The link of a mail, the same in both its parts. */
export function linkIn({ parts }) {
  const [link] = parts['text/plain'].match(/https:\S+\?token=\S+/);
  if (!parts['text/html'].includes(link)) throw new Error('the two parts of the mail have different links');
  return link;
}
