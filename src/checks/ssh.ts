import {z} from 'zod';
import {isOfTheWorld, reasonFor} from '../reach/failure.ts';
import {runOverSsh, type SshResult} from '../reach/ssh-command.ts';
import type {SshTarget} from '../reach/ssh-connect.ts';
import {createHostKeyCheck} from '../reach/ssh-host-key.ts';
import type {Finding, Kind} from './check.ts';
import {compileExpectations, type Expectations, expectations} from './expect.ts';
import {size} from './size.ts';
import {expectOneLogin, sshLogin} from './ssh-login.ts';

const OUTPUT_BYTES_MAX = 16 * 1024 ** 2;
const REASON_CHARS_MAX = 200;
const VARIABLES = {exit_code: 'int', signal: 'string', stdout: 'string', stderr: 'string', latency_ms: 'double'};

const options = z
  .strictObject({
    ...sshLogin,
    command: z.string().min(1).describe("What to run; the user's shell on the host reads it."),
    output_limit: size(OUTPUT_BYTES_MAX)
      .prefault('64KiB')
      .describe('So much is kept of stdout and of stderr; the rest is dropped. At most 16MiB.'),
    expect: expectations(VARIABLES)
      .optional()
      .describe(
        'CEL expressions over `exit_code` (-1 after a signal), `signal` (`TERM`), `stdout`, `stderr` (without the line ends at their end) and `latency_ms`, which must ' +
          'all be true. By default: `exit_code == 0`.',
      ),
  })
  .superRefine(expectOneLogin);
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'ssh',
  doc:
    'Runs a command on a host over SSH, on a fresh connection each time, and looks at how it ends and what it prints. The host key is verified against ' +
    '`known_hosts` or a pinned `fingerprint`; there is no way to accept any. known_hosts may have plain and hashed names, `[host]:port`, several keys ' +
    'of a host and `@revoked` ones; lines with `@cert-authority` do not count. With `fingerprint` the host shows the first it has of its Ed25519, ECDSA and RSA keys. ' +
    'After the timeout the connection is closed and the command gets a SIGTERM, which OpenSSH does not pass on in sessions of root: where it matters, write `timeout 10 COMMAND`. `latency_ms` is the time of all of it, login included.',
  example: [
    'raid:',
    '  type: ssh',
    '  host: 10.0.0.7',
    '  user: watch',
    '  private_key: file:/etc/vakhta/id_ed25519',
    '  known_hosts: known_hosts',
    '  command: cat /proc/mdstat',
    '  expect: [\'exit_code == 0 && !stdout.contains("_")\']',
  ].join('\n'),
  options,
  host: ({host}) => host,
  prepare: (given, {clock}) => {
    const expected = given.expect && compileExpectations(given.expect, VARIABLES);
    const target = targetFrom(given);
    return async ({signal}) => {
      const began = clock.monotonic();
      const finding = (reason: string, values?: Record<string, number>): Finding[] => {
        const latencyMs = clock.monotonic() - began;
        return [{result: reason ? 'failed' : 'ok', reason, latencyMs, ...(values && {values})}];
      };
      try {
        const result = await runOverSsh(target, given.command, {signal, clock, outputLimit: given.output_limit});
        return finding(judge(result, clock.monotonic() - began, expected) ?? '', {exit_code: result.exitCode});
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding(reasonFor(error, {signal}));
      }
    };
  },
};

export default kind;

function targetFrom({private_key, ...given}: Options): SshTarget {
  return {...given, privateKey: private_key, hostKey: createHostKeyCheck(given, given)};
}

function judge({exitCode, signal, stdout, stderr}: SshResult, latencyMs: number, expected?: Expectations) {
  if (expected) return expected.unmet({exit_code: BigInt(exitCode), signal, stdout, stderr, latency_ms: latencyMs});
  if (exitCode === 0) return undefined;
  const said = (stderr.trim() || stdout.trim()).split(/\r?\n/, 1)[0] ?? '';
  const end = signal ? `ended by SIG${signal}` : `exit code ${exitCode}`;
  return `${end}${said && `: ${said}`}`.slice(0, REASON_CHARS_MAX);
}
