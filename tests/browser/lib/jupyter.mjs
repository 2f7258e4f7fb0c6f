// A JupyterLab of the test's own, from PyPI as `tests/browser/jupyter/requirements.txt` pins it, with one notebook in it.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { Program, freePort } from './process.mjs';
import { browserTests } from './places.mjs';

const NOTEBOOK = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
  cells: [{ id: 'one', cell_type: 'code', metadata: {}, execution_count: null, outputs: [],
    source: 'import os\nprint(6 * 7, "says the kernel", os.path.exists("sums.ipynb"))' }],
};

export async function startJupyter() {
  const program = join(browserTests, 'jupyter/.venv/bin/jupyter-lab');
  if (!existsSync(program)) {
    throw new Error('JupyterLab is not installed: python3 -m venv tests/browser/jupyter/.venv && '
      + 'tests/browser/jupyter/.venv/bin/pip install -r tests/browser/jupyter/requirements.txt');
  }
  const root = mkdtempSync(join(tmpdir(), 'vestibule-jupyter-'));
  writeFileSync(join(root, 'sums.ipynb'), JSON.stringify(NOTEBOOK));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const lab = new Program('jupyter', program, [
    '--no-browser', '--allow-root', `--ServerApp.port=${port}`, '--ServerApp.ip=127.0.0.1', '--ServerApp.port_retries=0',
    // Who comes in is the gateway's to decide; the name it is asked under is the portal's.
    '--IdentityProvider.token=', '--ServerApp.allow_remote_access=True',
    // Nothing is asked of the rest of the world.
    '--LabApp.news_url=None', '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
    `--ServerApp.root_dir=${root}`,
  ], { cwd: root, env: { ...process.env, HOME: root, JUPYTER_CONFIG_DIR: join(root, 'config'),
    JUPYTER_DATA_DIR: join(root, 'data'), JUPYTER_RUNTIME_DIR: join(root, 'runtime') } });
  await lab.until(() => fetch(`${origin}/api/status`).then((answer) => answer.ok, () => false), 90);
  return {
    origin,
    async stop() {
      await lab.stop().finally(() => rmSync(root, { recursive: true, force: true }));
    },
  };
}
