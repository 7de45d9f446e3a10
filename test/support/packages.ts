import {spawnSync} from 'node:child_process';
import {accessSync, constants, existsSync} from 'node:fs';
import {delimiter, join} from 'node:path';

/** A program that some suites need and npm does not bring. */
interface DebianPackage {
  readonly package: string;
  /** The program of it that the tests call. */
  readonly command: string;
  /** Which suites are skipped without it. */
  readonly serves: string;
}

/** What `npm test` installs where it may. A suite that needs a further program gets a row here. */
const PACKAGES: readonly DebianPackage[] = [
  {package: 'fping', command: 'fping', serves: 'terminals by ICMP'},
  {package: 'chromium', command: 'chromium', serves: "the demo's chat page"},
  {package: 'openssl', command: 'openssl', serves: 'http, socket and tls over TLS'},
  {package: 'nginx-light', command: 'nginx', serves: 'http against a real server'},
  {package: 'tinyproxy', command: 'tinyproxy', serves: 'http and Telegram through a proxy'},
  {package: 'microsocks', command: 'microsocks', serves: 'Telegram through a SOCKS5 proxy'},
  {package: 'iproute2', command: 'ip', serves: 'networks that fail on purpose'},
  {package: 'util-linux', command: 'unshare', serves: 'networks and disks that fail on purpose'},
  {package: 'monitoring-plugins-basic', command: 'check_dummy', serves: 'plugins of Nagios'},
  {package: 'postgresql', command: 'psql', serves: 'postgres'},
  {package: 'mariadb-server', command: 'mariadbd', serves: 'mysql'},
  {package: 'openssh-server', command: 'sshd', serves: 'commands over SSH'},
  {package: 'openssh-client', command: 'ssh-keygen', serves: 'commands over SSH'},
  {package: 'prometheus', command: 'prometheus', serves: 'metrics, alert rules and the dashboard'},
];

/** What `npm run test:rollout` installs besides. */
export const ROLLOUT_PACKAGES: readonly DebianPackage[] = [
  {package: 'ansible-core', command: 'ansible-playbook', serves: 'the rollout'},
  {package: 'ansible-lint', command: 'ansible-lint', serves: 'the rollout'},
  {package: 'debootstrap', command: 'debootstrap', serves: 'the rollout'},
  {package: 'systemd-container', command: 'systemd-nspawn', serves: 'the rollout'},
  {package: 'iproute2', command: 'ip', serves: 'the rollout'},
  {package: 'util-linux', command: 'unshare', serves: 'the rollout'},
  {package: 'openssh-client', command: 'ssh', serves: 'the rollout'},
];

const APT_MS_MAX = 10 * 60_000;

/** Debian keeps servers, network tools and plugins where the PATH of an ordinary user does not look. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/lib/nagios/plugins'];

/** Options for a test that calls this program: `test('…', needs('fping'), () => …)` is skipped, saying why, without it. */
export function needs(command: string): {readonly skip: string | false} {
  if (commandPath(command) !== undefined) return {skip: false};
  const known = PACKAGES.find((entry) => entry.command === command);
  return {skip: known ? `needs ${command} (Debian package ${known.package})` : `needs ${command}`};
}

/** Options for a test that only root can run. */
needs.root = {skip: process.getuid?.() === 0 ? false : 'needs root'} as {readonly skip: string | false};

/** Where the program is, or undefined. */
function commandPath(command: string): string | undefined {
  return [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(isExecutable);
}

/** The rows of the table whose program is not there. */
function missingPackages(packages: readonly DebianPackage[]): readonly DebianPackage[] {
  return packages.filter((entry) => commandPath(entry.command) === undefined);
}

/** Installs what is missing where that may be done, and returns what is missing then. */
export function installMissing(
  say: (line: string) => void,
  packages: readonly DebianPackage[] = PACKAGES,
): readonly DebianPackage[] {
  const missing = missingPackages(packages);
  if (missing.length === 0 || !canInstall()) return missing;
  const names = missing.map((entry) => entry.package);
  say(`installing Debian packages for the tests: ${names.join(' ')}`);
  aptGet('update', '-qq');
  aptGet('install', '-y', '-qq', '--no-install-recommends', ...names);
  return missingPackages(packages);
}

/** A failure shows by what is still missing afterwards. Its output goes to stderr, as stdout is the test report. */
function aptGet(...args: readonly string[]): void {
  spawnSync('apt-get', args, {
    stdio: ['ignore', 2, 2],
    timeout: APT_MS_MAX,
    env: {...process.env, DEBIAN_FRONTEND: 'noninteractive'},
  });
}

/** Whether this process may install Debian packages. */
function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && commandPath('apt-get') !== undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
