import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {availableParallelism, tmpdir} from 'node:os';
import {delimiter, join, resolve} from 'node:path';
import {installMissing} from './packages.ts';

/**
 * `npm test [-- FILES OR FLAGS OF node --test]`: installs what the suites need where it may, then runs every test.
 * Exit code 1 when a test failed and, with CI=true, when one was skipped.
 */
const ROOT = resolve(import.meta.dirname, '../..');
const ALL_TESTS = 'test/**/*.test.ts';
const TEST_MS_MAX = 300_000;
const RUN_MS_MAX = 40 * 60_000;

/** Flags of node whose value may stand in the next argument; it must not be taken for a file. */
const FLAGS_WITH_VALUE = new Set([
  '--test-name-pattern',
  '--test-skip-pattern',
  '--test-concurrency',
  '--test-timeout',
  '--test-shard',
  '--test-random-seed',
]);

for (const {command, serves, package: name} of installMissing(say)) {
  say(`${command} is missing, so these are skipped: ${serves} (apt-get install ${name})`);
}
process.exitCode = await runTests(sortArguments(process.argv.slice(2)));

function sortArguments(args: readonly string[]): {
  readonly flags: readonly string[];
  readonly files: readonly string[];
} {
  const flags: string[] = [];
  const files: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('-')) files.push(resolve(arg));
    else flags.push(arg);
    if (FLAGS_WITH_VALUE.has(arg)) flags.push(args[++i] ?? '');
  }
  return {flags, files: files.length > 0 ? files : [ALL_TESTS]};
}

async function runTests(asked: ReturnType<typeof sortArguments>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-test-'));
  const skipsFile = join(folder, 'skips');
  try {
    const code = await runNode([
      `--import=${join(import.meta.dirname, 'watchdog.ts')}`,
      '--test',
      `--test-timeout=${TEST_MS_MAX}`,
      `--test-concurrency=${Math.max(2, availableParallelism())}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${join(import.meta.dirname, 'skips.ts')}`,
      `--test-reporter-destination=${skipsFile}`,
      ...asked.flags,
      ...asked.files,
    ]);
    const skips = readLines(skipsFile);
    for (const skip of skips) say(`skipped: ${skip}`);
    if (code !== 0 || skips.length === 0 || process.env.CI !== 'true') return code;
    say('with CI=true a skipped test is a failure');
    return 1;
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** Runs node with this one's own version first on the PATH, for whatever the tests start. */
function runNode(args: readonly string[]): Promise<number> {
  const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {...process.env, PATH: path},
    timeout: RUN_MS_MAX,
    killSignal: 'SIGTERM',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((done) => {
    child.on('error', () => done(1));
    child.on('exit', (code) => done(code ?? 1));
  });
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    // A wrong flag ends node before it opens the file.
    return [];
  }
}

function say(line: string): void {
  process.stderr.write(`npm test: ${line}\n`);
}
