import {z} from 'zod';
import {path} from './path.ts';

/** How a host is reached over SSH: the keys of the check of kind `ssh`, and of each of `hosts`. */
export const sshLogin = {
  host: z.string().min(1).describe('A host name, an IPv4 or an IPv6 address.'),
  port: z.int().min(1).max(65_535).default(22).describe('The TCP port.'),
  user: z.string().min(1).describe('The name to log in with.'),
  password: z.string().min(1).meta({secret: true}).optional().describe('A password.'),
  private_key: z
    .string()
    .regex(/^(?:-----BEGIN |PuTTY-User-Key-File-)/, 'expected a private key; write file:PATH for one in a file')
    .meta({secret: true})
    .optional()
    .describe('A private key, in the form of OpenSSH, PEM or PuTTY: `file:/etc/vakhta/id_ed25519`.'),
  passphrase: z.string().min(1).meta({secret: true}).optional().describe('What the private key is locked with.'),
  agent: path().optional().describe("The path of an SSH agent's socket, which `$SSH_AUTH_SOCK` names."),
  known_hosts: path()
    .optional()
    .describe('The path of a known_hosts file of OpenSSH. It is read again when it changes.'),
  fingerprint: z
    .string()
    .regex(/^SHA256:[A-Za-z\d+/]{43}=?$/, 'expected a fingerprint such as SHA256: and 43 characters')
    .optional()
    .describe('The fingerprint of the host key instead, `SHA256:…`.'),
};

const ONE_OF_LOGIN = 'expected exactly one of password, private_key and agent';
const ONE_OF_TRUST =
  'expected either known_hosts or fingerprint; ssh-keyscan HOST | ssh-keygen -lf - prints fingerprints, to be compared with what the host itself says';

type Login = {readonly [Key in keyof typeof sshLogin]?: unknown};

/** One way to log in, and one to know the host by: there is no way to accept any. */
export function expectOneLogin(given: Login, context: z.core.$RefinementCtx): void {
  const logins = [given.password, given.private_key, given.agent].filter((login) => login !== undefined);
  const complain = (message: string, path: string[] = []) => context.addIssue({code: 'custom', path, message});
  if (logins.length !== 1) complain(ONE_OF_LOGIN);
  if ((given.known_hosts === undefined) === (given.fingerprint === undefined)) complain(ONE_OF_TRUST);
  if (given.passphrase !== undefined && given.private_key === undefined)
    complain('expected a private_key with it; add one', ['passphrase']);
}
