import {type ChildProcess, execFile, execFileSync, spawn} from 'node:child_process';
import {appendFileSync, mkdirSync, openSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {promisify} from 'node:util';

/** Where the simulated Telegram and the watched services are, for both machines; the address goes with the namespace. */
export const HOST = '10.231.0.1';
const BOOT_MS_MAX = 90_000;
const COMMAND_MS_MAX = 60_000;

const run = promisify(execFile);

/** A Debian in a namespace of its own that is reached over SSH, as root, through a cable with two ends. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** What the command wrote to its standard output, trimmed. Rejects when it fails. */
  ssh(command: string): Promise<string>;
  /** Pulls the cable out, or puts it back. */
  cable(state: 'out' | 'in'): void;
  reboot(): Promise<void>;
}

export function readyNetwork(): void {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  execFileSync('ip', ['address', 'add', `${HOST}/32`, 'dev', 'lo']);
}

/** Makes the key with which everybody gets in. */
export function makeKey(work: string): string {
  const key = join(work, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  return key;
}

/** Copies the root folder, gives it a name, an address and the key, and boots it. Resolves when SSH answers. */
export async function startMachine(work: string, key: string, number: number): Promise<Machine> {
  const name = `till-${number}`;
  const root = join(work, name);
  const gateway = `10.231.${number}.1`;
  const address = `10.231.${number}.2`;
  execFileSync('cp', ['-a', '--reflink=auto', join(work, 'debian'), root]);
  mkdirSync(join(root, 'root/.ssh'), {recursive: true, mode: 0o700});
  execFileSync('cp', [`${key}.pub`, join(root, 'root/.ssh/authorized_keys')]);
  writeFileSync(join(root, 'etc/hostname'), `${name}\n`);
  const stanza = `auto host0\niface host0 inet static\n address ${address}/30\n gateway ${gateway}\n`;
  appendFileSync(join(root, 'etc/network/interfaces'), stanza);

  const cable = `ve-vk${number}`;
  let nspawn = boot(root, number, join(work, `${name}.log`));
  const machine: Machine = {
    name,
    address,
    ssh: async (command) => {
      const {stdout} = await run('ssh', [...sshOptions(key), `root@${address}`, command], {timeout: COMMAND_MS_MAX});
      return stdout.trim();
    },
    cable: (state) => execFileSync('ip', ['link', 'set', cable, state === 'in' ? 'up' : 'down']),
    reboot: async () => {
      await machine.ssh('systemd-run --on-active=1 systemctl poweroff');
      await new Promise((resolve) => nspawn.once('exit', resolve));
      nspawn = boot(root, number, join(work, `${name}.log`));
      await come();
    },
  };
  const come = async () => {
    const until = performance.now() + BOOT_MS_MAX;
    const tries = async (what: () => unknown) => {
      for (;;) {
        try {
          return await what();
        } catch (error) {
          if (performance.now() > until) throw new Error(`${name} does not come up`, {cause: error});
          await sleep(500);
        }
      }
    };
    await tries(() => execFileSync('ip', ['address', 'replace', `${gateway}/30`, 'dev', cable], {stdio: 'pipe'}));
    machine.cable('in');
    await tries(() => machine.ssh('systemctl is-system-running --wait || true'));
  };
  await come();
  return machine;
}

/** For machines that are made anew each time: whoever answers is the right one. */
export function sshOptions(key: string): string[] {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'ConnectTimeout=3'];
  return ['-i', key, ...options.flatMap((option) => ['-o', option])];
}

function boot(root: string, number: number, log: string): ChildProcess {
  const out = openSync(log, 'a');
  const options = [`--machine=vk${number}`, '--register=no', '--keep-unit', '--network-veth', '--boot'];
  // This version of cgroups is what most containers that this test runs in allow.
  const kernel = ['systemd.unified_cgroup_hierarchy=0'];
  const nspawn = spawn('systemd-nspawn', ['-D', root, ...options, ...kernel], {stdio: ['ignore', out, out]});
  // It ends with the namespace, when everything has been tried.
  nspawn.unref();
  return nspawn;
}
