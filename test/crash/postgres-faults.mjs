// What can happen to a server, and to the connection to it, while a package is loaded.
import { startProxy } from '../support/postgres-proxy.mjs'

/** Enough of a file for the server to be in the midst of it. */
const bytesOfCopy = 20_000

/** What transactions of a load are for, told by their statements. */
const commits = {
  'the migration': (sql) => sql.includes('CREATE SCHEMA IF NOT EXISTS'),
  'staging tables': (sql) => /CREATE TABLE IF NOT EXISTS \S*_staging"/.test(sql),
  'a file of an appended table': (sql) => /COPY "crash_dataset"\./.test(sql) && !sql.includes('TRUNCATE'),
  'a staged file': (sql) => /COPY "crash_dataset_staging"\./.test(sql),
  'the end of a chain': (sql) => /\.sql', /.test(sql),
  'the completion': (sql) => /INSERT INTO \S+"_dlt_loads"/.test(sql),
}

/** Faults by their names; each is a disturbance of a trial. */
export function postgresFaults({ server, admin, env }) {
  /** Something happens once, when a message fits. */
  const disturb = (what, fits, act, isFew = true) => ({
    what,
    isFew,
    async start(_log, place) {
      /** What is done to the link or the server; undefined: it did not come to that. */
      let acting
      const proxy = await startProxy(server.url, async (link, message) => {
        if (acting !== undefined || !fits(link, message)) return
        acting = (async () => act(link))()
        await acting
      })
      const { DESTINATION__POSTGRES__CREDENTIALS: url } = env(place)
      return {
        env: { DESTINATION__POSTGRES__CREDENTIALS: proxy.urlOf(url) },
        async end() {
          await acting
          await proxy.close()
          await server.untilReady()
          return acting === undefined ? undefined : what
        },
      }
    },
  })
  const inCopy = (link) => link.copied > bytesOfCopy
  const inMerge = (_link, { sql }) => sql?.startsWith('UPDATE "crash_dataset"."customers"') === true
  const atCommitOf =
    (is) =>
    (link, { sql }) =>
      sql === 'COMMIT' && is(link.transaction.join('\n'))
  const restart = (signal) => async () => {
    await server.crash(signal)
    await server.restart()
  }
  const killBackend = async (link) => {
    const { rows } = await admin(`SELECT pid FROM pg_stat_activity WHERE client_port = ${link.port}`)
    process.kill(rows[0].pid, 'SIGKILL')
  }
  return [
    disturb('a connection that is cut in the midst of a COPY', inCopy, (link) => link.cut()),
    disturb('a server that is restarted in the midst of a COPY', inCopy, restart('SIGQUIT')),
    disturb('a server that is killed in the midst of a merge', inMerge, restart('SIGKILL')),
    disturb("a server's process that is killed in the midst of a COPY", inCopy, killBackend),
    ...Object.entries(commits).map(([what, is]) =>
      disturb(`a commit whose answer is lost, of ${what}`, atCommitOf(is), (link) => link.swallowAnswer()),
    ),
    ...Object.entries(commits).map(([what, is]) =>
      disturb(`a connection that is cut before the commit of ${what}`, atCommitOf(is), (link) => link.cut(), false),
    ),
  ]
}
