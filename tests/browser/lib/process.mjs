// Programs a test starts: their output kept, their readiness waited for, each ended by its own id.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createWriteStream, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { artifacts } from './places.mjs';

export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Program {
  #child;
  output = '';

  constructor(name, file, args, options = {}) {
    mkdirSync(`${artifacts}/logs`, { recursive: true });
    const log = createWriteStream(`${artifacts}/logs/${name}.log`);
    this.name = name;
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        this.output += text;
        log.write(text);
      });
    }
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(code ?? signal));
      this.#child.once('error', (problem) => {
        this.output += `${problem}\n`;
        resolve(problem.code);
      });
    });
    // A test that throws before it stops its programs must not leave them behind.
    const reap = () => this.#child.kill('SIGKILL');
    process.once('exit', reap);
    this.exited.then((how) => {
      this.ended = how;
      process.off('exit', reap);
    });
  }

  get pid() {
    return this.#child.pid;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Waits until `ready` answers something true; gives up when the program ends or the time is over. */
  async until(ready, seconds = 30) {
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      if (this.ended !== undefined) break;
      const answer = await ready();
      if (answer) return answer;
      await wait(50);
    }
    const how = this.ended === undefined ? `is not ready after ${seconds} s` : `ended with ${this.ended}`;
    throw new Error(`${this.name} ${how}:\n${this.output.slice(-4000)}`);
  }

  async stop() {
    if (this.ended !== undefined) return this.ended;
    this.#child.kill('SIGTERM');
    const late = wait(10_000, 'late', { ref: false });
    if ((await Promise.race([this.exited, late])) === 'late') {
      this.#child.kill('SIGKILL');
      await this.exited;
      throw new Error(`${this.name} did not stop within 10 s of SIGTERM`);
    }
    return this.ended;
  }
}
