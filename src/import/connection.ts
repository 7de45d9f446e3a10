import {compact, type Fields} from './fields.ts';

/** What a connection string says; the password apart, as it goes elsewhere. */
export interface Connection {
  readonly keys: Fields;
  readonly password: string | undefined;
}

/** `mysql://user:password@host:port/database`, and likewise for PostgreSQL; undefined for anything else. */
export function fromUrl(text: string): Connection | undefined {
  const url = URL.parse(text.trim());
  if (!url || url.hostname === '' || url.username === '') return undefined;
  const parts = [url.username, url.password, url.pathname.slice(1)].map(decoded);
  const [user, password, database] = parts;
  const mode = url.searchParams.get('sslmode') ?? url.searchParams.get('ssl-mode') ?? url.searchParams.get('ssl');
  return {
    keys: compact({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? undefined : Number(url.port),
      user,
      database: database === '' ? undefined : database,
      tls: tlsOf(mode),
    }),
    password: password === '' ? undefined : password,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function tlsOf(mode: string | null): string | undefined {
  if (mode === null || /^(?:disable|disabled|false|prefer|preferred|allow)$/i.test(mode)) return undefined;
  return /^(?:verify.*)$/i.test(mode) ? 'verify' : 'on';
}

/** `Server=host,1433;Database=shop;User Id=sa;Password=…;Encrypt=true`, as SQL Server's clients have it. */
export function fromPairs(text: string): Connection | undefined {
  const pairs = new Map(
    [...text.matchAll(/\s*([^=;]+?)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^;]*))\s*(?:;|$)/g)].map(
      ([, key = '', double, single, plain]) => [key.toLowerCase(), (double ?? single ?? plain ?? '').trim()],
    ),
  );
  const read = (...keys: string[]) => keys.map((key) => pairs.get(key)).find((value) => value !== undefined);
  const [host = '', port] = (read('server', 'data source', 'addr', 'address') ?? '').replace(/^tcp:/i, '').split(',');
  const user = read('user id', 'uid', 'user', 'username');
  if (host === '' || user === undefined) return undefined;
  return {
    keys: compact({
      host: host.split('\\')[0],
      port: port === undefined ? undefined : Number(port),
      user,
      database: read('database', 'initial catalog'),
      tls: /^(?:false|no|optional)$/i.test(read('encrypt') ?? '') ? 'off' : undefined,
    }),
    password: read('password', 'pwd'),
  };
}
