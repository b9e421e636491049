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
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rowCount } = await client
    .query('select from pg_database where datname = $1', [name])
    .finally(() => client.end());
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
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
