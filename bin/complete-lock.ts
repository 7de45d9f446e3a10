/**
 * Adds to package-lock.json the builds for other platforms that a package mirror does not carry: npm leaves them out of the
 * lock, and `npm ci` then refuses it. Run it after `npm install` behind such a mirror: `node bin/complete-lock.ts`.
 */
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

interface Package {
  readonly version?: string;
  readonly dev?: boolean;
  readonly license?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const FILE = join(import.meta.dirname, '../package-lock.json');
const SYSTEMS = ['android', 'darwin', 'linux', 'freebsd', 'win32', 'openharmony', 'aix', 'sunos', 'netbsd', 'openbsd'];
const PROCESSORS = ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el'];

const lock: {packages: Record<string, Package>} = JSON.parse(readFileSync(FILE, 'utf8'));
const added: Record<string, object> = {};
for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const entry = isLocked(path, name) ? undefined : entryFor(name, version, parent);
    if (entry) added[`node_modules/${name}`] = entry;
  }
}
const [root, ...rest] = Object.entries({...lock.packages, ...added});
rest.sort(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(
  FILE,
  `${JSON.stringify({...lock, packages: Object.fromEntries([...(root ? [root] : []), ...rest])}, null, 2)}\n`,
);
console.log(`added ${Object.keys(added).length} entries to package-lock.json`);

/** As Node finds modules: beside the parent, then in every folder above it. */
function isLocked(path: string, name: string): boolean {
  const folders = path.split('/node_modules/');
  return (
    folders.some((_, depth) => {
      const folder = folders.slice(0, folders.length - depth).join('/node_modules/');
      return lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined;
    }) || lock.packages[`node_modules/${name}`] !== undefined
  );
}

/** A platform's build says in its name what it is for: `cli-linux-arm64-musl`. */
function entryFor(name: string, version: string, parent: Package): object | undefined {
  const words = name.split('/').pop()?.split('-') ?? [];
  const os = SYSTEMS.find((word) => words.includes(word));
  const cpu = PROCESSORS.find((word) => words.includes(word));
  if (!os || !cpu || !/^\d/.test(version)) return undefined;
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : undefined;
  return {
    version,
    cpu: [cpu],
    ...(parent.dev && {dev: true}),
    ...(os === 'linux' && libc && {libc}),
    license: parent.license,
    optional: true,
    os: [os],
  };
}
