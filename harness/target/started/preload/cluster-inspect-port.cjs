// Loaded into a target that is a Node process. A worker of node:cluster gets the inspector port of its master, plus
// one: with --inspect-port=0 that is port 1, which Node refuses, and no worker starts.
const cluster = require('node:cluster');

if (cluster.isPrimary ?? cluster.isMaster) cluster.settings.inspectPort = 0;
