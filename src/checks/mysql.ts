import type {z} from 'zod';
import type {Kind} from './check.ts';
import {DATABASE_DOC, type Preset, prepareReplicated, replicatedOptions} from './database.ts';
import type {Row} from './database-line.ts';
import {driver} from './mysql-session.ts';

const options = replicatedOptions(3306);
type Options = z.infer<typeof options>;

/** One row for each source; the words differ between MySQL and MariaDB. */
const REPLICATION_LAG: Preset = {
  query: 'SHOW REPLICA STATUS',
  lagIn: (rows: readonly Row[]) => {
    const sources = rows.map((row) => ({
      lag: row.Seconds_Behind_Source ?? row.Seconds_Behind_Master,
      io: row.Replica_IO_Running ?? row.Slave_IO_Running,
      sql: row.Replica_SQL_Running ?? row.Slave_SQL_Running,
    }));
    if (sources.length === 0) return 'not a replica: it has no source';
    const stopped = sources.find(({lag}) => typeof lag !== 'number');
    if (stopped) return `replication is stopped (IO: ${String(stopped.io)}, SQL: ${String(stopped.sql)})`;
    return Math.max(...sources.map(({lag}) => Number(lag)));
  },
};

const kind: Kind<Options> = {
  name: 'mysql',
  doc:
    'Asks a MySQL or MariaDB server a question and looks at the rows. The transactions of the session are `READ ONLY`, so a ' +
    `query that writes is a failure. ${DATABASE_DOC} A \`DATETIME\` or \`TIMESTAMP\` is in the server's time zone and ` +
    'names none; `TRUE` is 1, as MySQL has it. `preset: replication_lag` gives `lag_seconds` of a replica (of several ' +
    'sources, the one furthest behind), and fails where replication is stopped. It needs MySQL 8.0.22 or MariaDB 10.5, and a user ' +
    'with `REPLICATION CLIENT` (MariaDB: `SLAVE MONITOR`).',
  example: [
    'shop-replica:',
    '  type: mysql',
    '  host: replica.example',
    '  user: monitor',
    '  password: file:replica-password',
    '  preset: replication_lag',
    "  expect: ['lag_seconds < 30']",
  ].join('\n'),
  options,
  host: ({host}) => host,
  prepare: prepareReplicated(driver, REPLICATION_LAG),
};

export default kind;
