import pg from 'pg';

/**
 * A database of its own on the server of `databaseUrl`, dropped at the end.
 *
 * @param template name of the database that it is a copy of, to which nobody may be connected
 */
export async function createDatabase(databaseUrl: string, purpose: string, template?: string) {
  const name = `anima_${purpose}_${process.pid}`;
  const asMaintainer = (statement: string) => maintain(databaseUrl, statement);
  await asMaintainer(`create database ${name}${template === undefined ? '' : ` template ${template}`}`);
  await giveMemory(databaseUrl, name, '1GB');
  return {
    name,
    url: inDatabase(databaseUrl, name),
    [Symbol.asyncDispose]: () => asMaintainer(`drop database ${name} with (force)`),
  };
}

/** A database that stays, for what takes long to make: the one of this name, made when it is not there. */
export async function keepDatabase(databaseUrl: string, name: string, maintenanceMemory: string): Promise<string> {
  const { rowCount } = await withClient(databaseUrl, (client) =>
    client.query('select from pg_database where datname = $1', [name]),
  );
  if (rowCount === 0) await maintain(databaseUrl, `create database ${name}`);
  await giveMemory(databaseUrl, name, maintenanceMemory);
  return inDatabase(databaseUrl, name);
}

export function dropDatabase(databaseUrl: string, name: string): Promise<void> {
  return maintain(databaseUrl, `drop database ${name} with (force)`);
}

/** So that copies of it have the statistics of what it holds. */
export function analyzeDatabase(databaseUrl: string): Promise<void> {
  return maintain(databaseUrl, 'vacuum analyze');
}

/** The graph of 100,000 vectors is built ten times faster in memory. */
function giveMemory(databaseUrl: string, name: string, amount: string): Promise<void> {
  return maintain(databaseUrl, `alter database ${name} set maintenance_work_mem = '${amount}'`);
}

function inDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = name;
  return url.href;
}

async function maintain(databaseUrl: string, statement: string): Promise<void> {
  await withClient(databaseUrl, (client) => client.query(statement));
}

/** Uses a connection of its own, outside any pool. */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
