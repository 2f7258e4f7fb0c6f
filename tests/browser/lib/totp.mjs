// An authenticator app: RFC 6238 with six digits, 30 seconds and SHA-1, from the key a page shows.
import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP = 30;

function keyBytes(base32) {
  let bits = '';
  for (const letter of base32.toUpperCase().replace(/[\s=-]/g, '')) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw new Error('the key is not base32');
    bits += value.toString(2).padStart(5, '0');
  }
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

export function codeAt(base32, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', keyBytes(base32)).update(counter).digest();
  const offset = hash[hash.length - 1] & 0xf;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The clock on the wall: who wants a later moment waits for it. */
const WALL = { now: () => Date.now(), until: (moment) => wait(Math.max(0, moment - Date.now())) };

/** Hands out codes that were not used before, as a person would who waits for the next one. */
export class Authenticator {
  #key;
  #clock;
  #lastStep = 0;

  /** `clock` is the gateway's, where a test turns that. */
  constructor(key, clock = WALL) {
    this.#key = key;
    this.#clock = clock;
  }

  static now(clock = WALL) {
    return Math.floor(clock.now() / 1000 / STEP);
  }

  /** The next code the gateway has not seen. One step either side of now is accepted, so three come without waiting. */
  async next() {
    const now = Authenticator.now(this.#clock);
    const step = Math.max(this.#lastStep + 1, now - 1);
    await this.#clock.until((step - 1) * STEP * 1000);
    this.#lastStep = step;
    // A step that is about to leave the window would be refused through no fault of the gateway.
    if (step < now && this.#clock.now() % (STEP * 1000) > (STEP - 4) * 1000) return this.next();
    return codeAt(this.#key, step);
  }

  /** A code of a step nine minutes away: right digits, wrong time. */
  far() {
    return codeAt(this.#key, Authenticator.now(this.#clock) + 18);
  }
}

/** Six digits that no step near now has. */
export function wrongCode(key, clock = WALL) {
  const now = Authenticator.now(clock);
  const near = new Set();
  for (let step = now - 40; step <= now + 40; step += 1) near.add(codeAt(key, step));
  for (let n = 0; ; n += 1) {
    const candidate = String((123_457 + n * 7919) % 1_000_000).padStart(6, '0');
    if (!near.has(candidate)) return candidate;
  }
}
