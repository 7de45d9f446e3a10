import net from 'node:net';
import {z} from 'zod';
import type {Kind} from './check.ts';
import {checkDatabaseKeys, createDatabaseProbe, DATABASE_DOC, databaseKeys, VARIABLES} from './database.ts';
import {driver} from './mssql-session.ts';

const options = z
  .strictObject(databaseKeys({port: 1433, tls: 'on', variables: VARIABLES}))
  .superRefine(checkDatabaseKeys)
  .refine(({tls, host, server_name}) => tls !== 'verify' || !net.isIP(host) || server_name !== undefined, {
    path: ['host'],
    message:
      'expected a host name with tls: verify, got an address; add server_name: NAME, which the certificate is for',
  });
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'mssql',
  doc:
    'Asks a Microsoft SQL Server a question and looks at the rows. SQL Server has no read-only transactions: give the user ' +
    'nothing but the right to read (`db_datareader`, or `VIEW SERVER STATE` for its own views), since a query that ' +
    `writes does write. ${DATABASE_DOC} With \`tls: off\` the password is sent almost in the clear. A \`decimal\` or ` +
    '`money` column has the 15 digits of a double; moments without a time zone name none. This kind has been tested with ' +
    'the real client library, but against a stand-in for the server, not against SQL Server itself.',
  example: [
    'till-database:',
    '  type: mssql',
    '  host: sql.example',
    '  user: monitor',
    '  password: file:till-password',
    '  database: Tills',
    '  query: SELECT count(*) AS stuck FROM receipts WHERE sent IS NULL',
    "  expect: ['rows[0].stuck == 0']",
  ].join('\n'),
  options,
  host: ({host}) => host,
  prepare: (given, use) => createDatabaseProbe({given, driver, variables: VARIABLES}, use),
};

export default kind;
