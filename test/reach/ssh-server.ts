import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir, userInfo} from 'node:os';
import {dirname, join} from 'node:path';
import type {TestContext} from 'node:test';
import {closedPort} from '../checks/servers.ts';

export interface SshServer {
  readonly folder: string;
  readonly port: number;
  /** What reaches it, except for how its key is verified and what to run. */
  readonly login: {readonly host: string; readonly port: number; readonly user: string; readonly private_key: string};
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** The lines of a known_hosts file for it. */
  readonly knownHosts: string;
  /** A path with this content. */
  write(name: string, content: string): string;
  /** The content of a new key's private half. */
  newKey(name: string, ...args: readonly string[]): string;
}

/** What the passwords of root and of the user `watch` are, to a server that was started with `passwords`. */
export const PASSWORD = 'till-42-drawer';

/** Starts an OpenSSH server for one test, with a host key and a configuration of its own. */
export async function serveSsh(
  t: TestContext,
  {keyType = 'ed25519', extra = '', passwords = false} = {},
): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-ssh-'));
  t.after(() => rmSync(folder, {recursive: true, force: true}));
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, {mode: 0o600});
    return join(folder, name);
  };
  const newKey = (name: string, ...args: readonly string[]) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name), ...args]);
    return readFileSync(join(folder, name), 'utf8');
  };
  newKey('host', '-t', keyType);
  const private_key = newKey('client');
  const port = await closedPort();
  await startServer(t, {folder, write, port, extra, passwords});
  const knownHosts = `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`;
  const fingerprint =
    execFileSync('ssh-keygen', ['-lf', join(folder, 'host.pub')], {encoding: 'utf8'}).split(' ')[1] ?? '';
  const login = {host: '127.0.0.1', port, user: userInfo().username, private_key};
  return {folder, port, login, fingerprint, knownHosts, write, newKey};
}

async function startServer(
  t: TestContext,
  use: {folder: string; write: SshServer['write']; port: number; extra: string; passwords: boolean},
): Promise<void> {
  const {folder, write, port} = use;
  const config = write(
    'sshd_config',
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/client.pub`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      use.extra,
    ].join('\n'),
  );
  // The folder of sshd's unprivileged half, which Debian's unit makes.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', {recursive: true});
  const sshd = ['/usr/sbin/sshd', '-D', '-e', '-f', config];
  const command = use.passwords ? withPassword(write, sshd) : sshd;
  const child = spawn(command[0] ?? '', command.slice(1), {stdio: ['ignore', 'ignore', 'pipe']});
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  for await (const text of child.stderr.setEncoding('utf8')) {
    said += text;
    if (said.includes('Server listening')) break;
  }
  if (!said.includes('Server listening')) throw new Error(`sshd did not start: ${said}`);
}

/** In a mount namespace of its own the server sees other users; the machine's stay as they are. */
function withPassword(write: SshServer['write'], sshd: readonly string[]): readonly string[] {
  const hash = execFileSync('openssl', ['passwd', '-6', PASSWORD], {encoding: 'utf8'}).trim();
  const entry = (name: string) => `${name}:${hash}:19000:0:99999:7:::\n`;
  const shadow = write('shadow', `${entry('root')}${entry('watch')}sshd:!:19000::::::\n`);
  const passwd = write('passwd', `watch:x:65534:65534::/tmp:/bin/sh\n${readFileSync('/etc/passwd', 'utf8')}`);
  chmodSync(passwd, 0o644);
  chmodSync(dirname(passwd), 0o777);
  const binds = `mount --bind '${shadow}' /etc/shadow && mount --bind '${passwd}' /etc/passwd`;
  const script = `mount --make-rprivate / && ${binds} && exec ${sshd.join(' ')}`;
  return ['unshare', '--mount', 'sh', '-c', script];
}

/** Starts an agent for one test that knows one key; its socket's path. */
export async function serveAgent(t: TestContext, folder: string, key: string): Promise<string> {
  const socket = join(folder, 'agent');
  const child = spawn('ssh-agent', ['-D', '-a', socket], {stdio: ['ignore', 'pipe', 'inherit']});
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  execFileSync('ssh-add', ['-q', key], {env: {...process.env, SSH_AUTH_SOCK: socket}, stdio: 'ignore'});
  return socket;
}
