import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {copyProgram, folderWith, LAUNCHER, quoted, ROOT, sh} from './shell.ts';

const VERSION = /^vakhta \d+\.\d+\.\d+ \(Node (\d+)/;

describe('bin/vakhta', {concurrency: 2}, () => {
  test('works through symbolic links, relative ones too, from any folder', async (context) => {
    const folder = folderWith(context);
    mkdirSync(join(folder, 'a b'));
    symlinkSync(LAUNCHER, join(folder, 'one'));
    symlinkSync('../one', join(folder, 'a b/two'));
    const {code, stdout, stderr} = await sh(`${quoted(join(folder, 'a b/two'))} version`, {cwd: '/'});
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, VERSION);
    const onPath = await sh('two version', {cwd: '/', env: {PATH: `${folder}/a b:${process.env.PATH}`}});
    assert.match(onPath.stdout, VERSION);
  });

  test('takes its own Node, whatever node is on the PATH', async (context) => {
    const folder = folderWith(context, {node: '#!/bin/sh\necho v20.19.2\n'});
    chmodSync(join(folder, 'node'), 0o755);
    const {code, stdout} = await sh(`${quoted(LAUNCHER)} version`, {env: {PATH: `${folder}:/usr/bin:/bin`}});
    assert.equal(code, 0);
    assert.ok(Number(VERSION.exec(stdout)?.[1]) >= 26, stdout);
  });

  test('without its own Node it refuses an old one, and says what to do', async (context) => {
    const folder = folderWith(context, {node: '#!/bin/sh\necho v20.19.2\n'});
    chmodSync(join(folder, 'node'), 0o755);
    copyProgram(join(folder, 'program'));
    const launcher = join(folder, 'program/bin/vakhta');
    const env = {PATH: `${folder}:/usr/bin:/bin`};
    const bare = await sh(`${quoted(launcher)} version`, {env});
    assert.deepEqual([bare.code, bare.stdout], [2, '']);
    assert.match(bare.stderr, /^vakhta: its dependencies are not installed; run: sh .*bin\/setup\n$/);
    mkdirSync(join(folder, 'program/node_modules'));
    const old = await sh(`${quoted(launcher)} version`, {env});
    assert.deepEqual([old.code, old.stdout], [2, '']);
    assert.match(
      old.stderr,
      /^vakhta: needs Node 26 or newer and found v20\.19\.2 at .*; install Node 26, or run: sh /,
    );
  });

  test('brings a library of a release that the machine lacks, and none that it has', async (context) => {
    const folder = folderWith(context);
    copyProgram(folder);
    // A Node that needs a library of another name stands for a machine without libatomic.
    const original = readFileSync(process.execPath);
    original.write('libatomix.so.1', original.indexOf('libatomic.so.1\0'));
    const node = join(folder, `node_modules/node-linux-${process.arch}/bin/node`);
    mkdirSync(join(node, '..'), {recursive: true});
    writeFileSync(node, original, {mode: 0o755});
    const run = (env: NodeJS.ProcessEnv = {}) => sh(`${quoted(join(folder, 'bin/vakhta'))} version`, {env});
    assert.match((await run()).stderr, /libatomix\.so\.1: cannot open shared object file/);

    const libraries = (await sh(`LD_TRACE_LOADED_OBJECTS=1 ${quoted(process.execPath)}`)).stdout;
    for (const [name, like] of [
      ['libatomix.so.1', 'libatomic.so.1'],
      ['libstdc++.so.6', 'libatomic.so.1'],
    ] as const) {
      const path = new RegExp(`${like} => (/\\S+)`).exec(libraries)?.[1] ?? '';
      mkdirSync(join(folder, 'lib', name), {recursive: true});
      // What is there already would not work: the machine's own must be taken.
      copyFileSync(path, join(folder, 'lib', name, name));
    }
    const {stdout, stderr} = await run({LD_LIBRARY_PATH: '/its/own'});
    assert.match(stdout, VERSION, stderr);
  });

  test('replaces itself, so that a signal reaches the program', async () => {
    const {stdout} = await sh(
      `${quoted(LAUNCHER)} run --config ${quoted(join(ROOT, 'gone.yaml'))} & echo $!; wait $!; echo $?`,
    );
    assert.match(stdout, /^\d+\n2\n$/);
  });
});

describe('bin/setup', () => {
  /** A program whose npm would leave a mark if it were called. */
  function installed(context: Parameters<typeof folderWith>[0]): {
    setup: () => ReturnType<typeof sh>;
    mark: string;
    folder: string;
  } {
    const folder = folderWith(context);
    const mark = join(folder, 'npm-was-called');
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'node_modules'));
    mkdirSync(join(folder, 'path'));
    cpSync(join(ROOT, 'bin/setup'), join(folder, 'bin/setup'));
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), '{}');
    writeFileSync(join(folder, 'path/npm'), `#!/bin/sh\necho "$@" > ${quoted(mark)}\n`);
    chmodSync(join(folder, 'path/npm'), 0o755);
    const env = {PATH: `${folder}/path:/usr/bin:/bin`};
    return {setup: () => sh(`sh ${quoted(join(folder, 'bin/setup'))}`, {cwd: '/', env}), mark, folder};
  }

  test('does nothing and says nothing when all is installed', async (context) => {
    const {setup, mark} = installed(context);
    assert.deepEqual(await setup(), {code: 0, stdout: '', stderr: ''});
    assert.ok(!existsSync(mark));
  });

  test('installs by the lock file when that has changed since', async (context) => {
    const {setup, mark, folder} = installed(context);
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(folder, 'package-lock.json'), later, later);
    const {code, stdout, stderr} = await setup();
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /installing the dependencies \(npm ci\), once/);
    assert.ok(existsSync(mark));
  });
});
