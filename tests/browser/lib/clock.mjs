// A clock the test turns: the gateway believes it, so that thirty days pass between two steps. Debian's libfaketime, preloaded
// into the one program; what measures how long something takes still runs by itself.
import { readdirSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

const library = () => readdirSync('/usr/lib').map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`).find(existsSync);

export class Clock {
  #folder = mkdtempSync(join(tmpdir(), 'vestibule-clock-'));
  #ahead = 0;

  constructor() {
    this.#write();
  }

  /** What a program must be told to believe this clock. */
  get environment() {
    const preload = library();
    if (!preload) throw new Error('libfaketime is not installed');
    return {
      LD_PRELOAD: preload,
      FAKETIME_TIMESTAMP_FILE: join(this.#folder, 'ahead'),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  now() {
    return Date.now() + this.#ahead;
  }

  /** Lets this much time pass. */
  turn(milliseconds) {
    this.#ahead += Math.ceil(milliseconds / SECOND) * SECOND;
    this.#write();
  }

  /** Lets time pass until then; a moment that is over needs none. */
  until(moment) {
    if (moment > this.now()) this.turn(moment - this.now());
  }

  stop() {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Whole or not at all: the program may read at any moment. */
  #write() {
    const file = join(this.#folder, 'ahead');
    writeFileSync(`${file}.new`, `+${this.#ahead / SECOND}\n`);
    renameSync(`${file}.new`, file);
  }
}
