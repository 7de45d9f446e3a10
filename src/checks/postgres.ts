import type {z} from 'zod';
import type {Kind} from './check.ts';
import {DATABASE_DOC, type Preset, prepareReplicated, replicatedOptions} from './database.ts';
import type {Row} from './database-line.ts';
import {driver} from './postgres-session.ts';

const options = replicatedOptions(5432);
type Options = z.infer<typeof options>;

/**
 * A standby that has replayed all it received is not behind, however long ago the last transaction was; but only while it
 * receives anything at all. Any user may count the receivers, though not see what they do. Before its first transaction a
 * standby is as far behind as it has been up.
 */
const REPLICATION_LAG: Preset = {
  query: `SELECT pg_is_in_recovery() AS replica, CASE
    WHEN EXISTS (SELECT FROM pg_stat_wal_receiver) AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    ELSE extract(epoch FROM clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time())) END AS lag_seconds`,
  lagIn: ([row]: readonly Row[]) => {
    if (row?.replica !== true) return 'not a replica: this server is a primary';
    return Math.max(0, Number(row.lag_seconds));
  },
};

const kind: Kind<Options> = {
  name: 'postgres',
  doc:
    'Asks a PostgreSQL server (or one that speaks its protocol) a question and looks at the rows. The query runs in ' +
    'a transaction of its own that is `READ ONLY` and always rolled back, so a query that writes is a failure. ' +
    `${DATABASE_DOC} \`preset: replication_lag\` gives \`lag_seconds\` of a standby: 0 while it streams and has replayed ` +
    'all that it received, else the age of the last transaction that it replayed.',
  example: [
    'orders-db:',
    '  type: postgres',
    '  host: db.example',
    '  user: monitor',
    '  password: file:db-password',
    '  database: shop',
    "  query: SELECT count(*) AS waiting FROM orders WHERE state = 'new'",
    "  expect: ['rows[0].waiting < 500', 'latency_ms < 1000']",
  ].join('\n'),
  options,
  host: ({host}) => host,
  prepare: prepareReplicated(driver, REPLICATION_LAG),
};

export default kind;
