import {execFile, spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, join, resolve} from 'node:path';
import {promisify} from 'node:util';
import {installMissing, ROLLOUT_PACKAGES} from '../support/packages.ts';
import {breakRelease, nextRelease} from './releases.ts';

/**
 * `npm run test:rollout`: the playbook against two real Debian machines. debootstrap makes them, systemd-nspawn boots them,
 * SSH reaches them. Machines, network, mounts and processes live in namespaces of their own and end with them. Needs root and
 * a Debian mirror; where something is missing it says what, and skips.
 */
const ROOT = resolve(import.meta.dirname, '../..');
/** What a Debian server has for Ansible (SSH and Python), what a boot takes, and fping. */
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'python3', 'iproute2', 'ifupdown', 'fping'];
/** Everything of the kernel that the test changes is in these. */
const NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

const run = promisify(execFile);
const reason = whyNot();
if (reason === undefined) process.exitCode = await test();
else say(`skipped: ${reason}`);

function whyNot(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs Linux and root, to boot two machines';
  const missing = installMissing(say, ROLLOUT_PACKAGES).map((entry) => entry.command);
  if (missing.length > 0) return `${missing.join(', ')} cannot be had here`;
  const {status, stderr} = spawnSync('unshare', [...NAMESPACES, 'true'], {encoding: 'utf8'});
  return status === 0 ? undefined : `namespaces cannot be had here: ${stderr.trim()}`;
}

async function test(): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), 'vakhta-rollout-'));
  process.once('exit', () => rmSync(work, {recursive: true, force: true}));
  const [{archive}] = await timed('two releases, and a Debian', () =>
    Promise.all([makeReleases(work), makeDebian(join(work, 'debian'))]),
  );
  const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);
  const scenarios = join(import.meta.dirname, 'scenarios.ts');
  const child = spawn(
    'unshare',
    [...NAMESPACES, process.execPath, '--disable-warning=ExperimentalWarning', scenarios],
    {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {...process.env, PATH: path, ROLLOUT_WORK: work, ROLLOUT_ARCHIVE: archive},
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGKILL'));
  return await new Promise((done) => {
    child.on('error', () => done(1));
    child.on('exit', (code) => done(code ?? 1));
  });
}

/** The same release twice, to be compared; one that follows it; and one that does not come up. */
async function makeReleases(work: string): Promise<{archive: string}> {
  const make = async (folder: string) => {
    const {stdout} = await run('node', [join(ROOT, 'bin/release.ts'), '--out', join(work, folder)]);
    return stdout.trim();
  };
  const archive = await make('dist');
  await make('again');
  nextRelease(archive, join(work, 'dist'), '0.98.0');
  breakRelease(archive, join(work, 'dist'), '0.99.0');
  return {archive};
}

/** From the mirror that this machine itself uses. */
async function makeDebian(folder: string): Promise<void> {
  const {stdout} = await run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(CODENAME) $(COMPONENT)']);
  const [mirror, codename] =
    stdout
      .split('\n')
      .map((line) => line.split(' '))
      .find(
        ([uri = '', name = '', component]) => component === 'main' && /^[a-z]+$/.test(name) && /debian\/?$/.test(uri),
      ) ?? [];
  if (mirror === undefined || codename === undefined) throw new Error('apt knows no mirror of Debian');
  await run('debootstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, codename, folder, mirror], {
    maxBuffer: 2 ** 26,
  });
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const done = await work();
  say(`${what}: ${Math.round((performance.now() - began) / 1_000)} s`);
  return done;
}

function say(line: string): void {
  process.stderr.write(`npm run test:rollout: ${line}\n`);
}
