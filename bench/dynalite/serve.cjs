// Serves the tables of the LevelDB at PATH on a free port of this machine, prints the port, and ends with its input.
const dynalite = require('dynalite')

const server = dynalite({ path: process.argv[2], createTableMs: 0 })
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.resume().on('end', () => server.close(() => process.exit(0)))
