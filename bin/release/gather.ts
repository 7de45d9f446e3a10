import {execFileSync} from 'node:child_process';
import {copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync} from 'node:fs';
import {basename, join} from 'node:path';

/** What of the repository is needed to run, to read and to try; tests, benches and what makes releases are not. */
const SOURCES = [
  'HOSTNAME.ts',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'bin/vakhta',
  'config.schema.json',
  'config.yaml',
  'docs',
  'examples',
  'ips.txt',
  'package.json',
  'src',
  // What `mocks: true` starts; the simulated Telegram needs packages that are not for production.
  'mocks/api.ts',
  'mocks/index.ts',
  'mocks/socket.ts',
  'mocks/start.ts',
];

/** Of the packages: what only editors, debuggers and readers want. Licences stay. */
const NOT_NEEDED = /\.(?:map|d\.[cm]?ts|md|markdown|tsbuildinfo)$|^\.package-lock\.json$/;
/** Of the package that brings Node: no headers, no npm, no manual. */
const NODE_FILES = ['bin', 'LICENSE', 'package.json'];

/**
 * What Node's own builds need besides glibc. A machine may lack any of them (libatomic most often), so they come along, each
 * in a folder of its own: bin/vakhta uses those that are missing, and the machine's own otherwise, which fit its glibc.
 */
const LIBRARIES = ['libatomic.so.1', 'libgcc_s.so.1', 'libstdc++.so.6'];

/** Puts everything that belongs into a release into `folder`. Throws when npm fails or a file is missing. */
export function gather(root: string, folder: string, arch: string): void {
  for (const source of SOURCES) cpSync(join(root, source), join(folder, source), {recursive: true});
  installPackages(root, folder);
  const node = join(folder, 'node_modules', `node-linux-${arch}`);
  const binary = join(node, 'bin/node');
  if (!existsSync(binary)) throw new Error(`npm did not install node-linux-${arch}: its registry lacks it`);
  for (const name of readdirSync(node)) if (!NODE_FILES.includes(name)) remove(join(node, name));
  copyLibraries(binary, join(folder, 'lib'));
}

/** Into a folder of its own: `npm ci` empties the one that it finds. Scripts of packages have no business in a release. */
function installPackages(root: string, folder: string): void {
  copyFileSync(join(root, 'package-lock.json'), join(folder, 'package-lock.json'));
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', ...quiet], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  remove(join(folder, 'package-lock.json'));
  const packages = join(folder, 'node_modules');
  remove(join(packages, '.bin'));
  for (const entry of readdirSync(packages, {recursive: true, withFileTypes: true})) {
    if (entry.isFile() && NOT_NEEDED.test(entry.name)) remove(join(entry.parentPath, entry.name));
  }
}

/** The loader says where it finds them, so this takes those that this machine's Node runs with. */
function copyLibraries(binary: string, folder: string): void {
  const found = execFileSync(binary, {env: {LD_TRACE_LOADED_OBJECTS: '1'}, encoding: 'utf8'});
  for (const name of LIBRARIES) {
    const path = found
      .split('\n')
      .find((line) => line.trim().startsWith(`${name} => /`))
      ?.trim()
      .split(' ')[2];
    if (path === undefined)
      throw new Error(`${name} is not installed here, so Node cannot run: apt-get install libatomic1 libstdc++6`);
    mkdirSync(join(folder, name), {recursive: true});
    copyFileSync(path, join(folder, name, basename(name)));
  }
}

function remove(path: string): void {
  rmSync(path, {recursive: true, force: true});
}
