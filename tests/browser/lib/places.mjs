// Where things are: the project, the binary under test, and the folder for screenshots and logs.
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

export const browserTests = dirname(dirname(fileURLToPath(import.meta.url)));
export const project = dirname(dirname(browserTests));
export const artifacts = join(browserTests, 'artifacts');
export const vestibule =
  process.env.VESTIBULE_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(project, 'target'), 'debug', 'vestibule');
export const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
