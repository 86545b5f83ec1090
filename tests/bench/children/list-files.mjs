// Looks at a directory of 10,000 files on the local server: node list-files.mjs list|ls <module>
import { sandboxOn } from "../sandbox.mjs";

const COUNT = 10_000;
const ROUNDS = 9;

const [how = "", url = ""] = process.argv.slice(2);
const sandbox = await sandboxOn(url);
try {
  await sandbox.commands.run(
    `mkdir /tmp/many && cd /tmp/many && seq -f 'file number %g.txt' ${COUNT} | xargs -d '\\n' touch`,
  );
  const taken = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const count = how === "list" ? await list() : await ls();
    taken.push(performance.now() - start);
    if (count !== COUNT) throw new Error(`${count} files are told of`);
  }
  taken.sort((a, b) => a - b);
  console.log(JSON.stringify({ ms: taken[ROUNDS >> 1] }));
} finally {
  await sandbox.kill();
}

async function list() {
  return (await sandbox.files.list("/tmp/many")).length;
}

async function ls() {
  const { stdout } = await sandbox.commands.run("ls -l /tmp/many");
  return stdout.trimEnd().split("\n").length - 1;
}
