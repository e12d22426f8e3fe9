// Fills the tables of the LevelDB at PATH from lines of [table, item], an item's values being texts and numbers. It writes
// the very keys and values that PutItem would: dynalite's own functions make them. Only the requests are left out, and the
// look for an older item.
const readline = require('node:readline')
const level = require('level')

const AT_ONCE = 2000
const MIB = 2 ** 20

const { Level } = level
level.Level = class extends Level {
  constructor (path, options) {
    super(path, { ...options, writeBufferSize: 512 * MIB, maxFileSize: 64 * MIB })
  }
}
const db = require('dynalite/db') // after that, so that it opens with these buffers

const store = db.create({ path: process.argv[2] })
const tables = new Map()

const promised = (call) => new Promise((resolve, reject) => call((error, found) => error ? reject(error) : resolve(found)))

async function described (name) {
  if (!tables.has(name)) tables.set(name, await promised((done) => store.getTable(name, done)))
  return tables.get(name)
}

let waiting = new Map()

function add (where, key, value) {
  if (!waiting.has(where)) waiting.set(where, [])
  waiting.get(where).push({ type: 'put', key, value })
}

function wired (plain) {
  for (const name in plain) plain[name] = typeof plain[name] === 'number' ? { N: String(plain[name]) } : { S: plain[name] }
  return plain
}

async function write () {
  const full = waiting
  waiting = new Map()
  for (const [where, puts] of full) await promised((done) => where.batch(puts, done))
}

async function main () {
  let lines = 0
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name, plain] = JSON.parse(line)
    const item = wired(plain)
    const table = await described(name)
    const refused = db.validateItem(item, table)
    if (refused) throw refused
    add(store.getItemDb(name), db.createKey(item, table), item)
    for (const put of db.getIndexActions(table.GlobalSecondaryIndexes || [], null, item, table).puts) {
      add(store.getIndexDb('Global', name, put.index), put.key, put.item)
    }
    if (++lines % AT_ONCE === 0) await write()
  }
  await write()
  await promised((done) => store.db.close(done))
  console.log(lines)
}

main().catch((error) => { console.error(error.message); process.exit(1) })
