import {z} from 'zod';
import {secret} from './secrets.ts';

/** The word for no proxy. */
const DIRECT = 'direct';
/** More ways than this are tried by nobody within the time of one message. */
const PROXIES_MAX = 10;

/** What is said of a value that `isWay` refuses; it names no value, as that may hold a password. */
export const WAY_WORDS =
  'expected socks5://HOST:PORT, http://HOST:PORT or https://HOST:PORT, with NAME:PASSWORD@ before the host where the proxy ' +
  'wants them (special characters as %XX), or direct';

const way = secret().refine(isWay, WAY_WORDS);

/** The ways to Telegram: one, or a list of them. */
export const proxy = z
  .union([way, z.array(way).max(PROXIES_MAX)], {error: WAY_WORDS})
  .transform((given): readonly string[] => [given].flat());

/** The address of a proxy, or `direct`. */
export function isWay(text: string): boolean {
  if (text === DIRECT) return true;
  const url = URL.parse(text);
  if (!url || !/^(?:https?|socks5h?):$/.test(url.protocol) || url.hostname === '') return false;
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') return false;
  return isDecodable(url.username) && isDecodable(url.password) && isComplete(url);
}

/** RFC 1929: SOCKS5 knows no name without a password, and neither longer than 255 bytes. */
function isComplete({protocol, username, password}: URL): boolean {
  if (!protocol.startsWith('socks')) return username !== '' || password === '';
  const lengths = [username, password].map((text) => Buffer.byteLength(decodeURIComponent(text)));
  return lengths.every((length) => length <= 255) && (username === '') === (password === '');
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
