import pg from 'pg';

/**
 * A database of its own on the server of `databaseUrl`, dropped at the end.
 *
 * @param template name of the database that it is a copy of, to which nobody may be connected
 */
export async function createDatabase(databaseUrl: string, purpose: string, template?: string) {
  const name = `anima_${purpose}_${process.pid}`;
  const asMaintainer = async (statement: string) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await asMaintainer(`create database ${name}${template === undefined ? '' : ` template ${template}`}`);
  // The graph of 100,000 vectors is built ten times faster in memory.
  await asMaintainer(`alter database ${name} set maintenance_work_mem = '1GB'`);
  const url = new URL(databaseUrl);
  url.pathname = name;
  return { name, url: url.href, [Symbol.asyncDispose]: () => asMaintainer(`drop database ${name} with (force)`) };
}
