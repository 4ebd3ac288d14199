// The smallest app that Bolt for JavaScript allows: it verifies, acknowledges, and writes nothing.
const { App } = require("@slack/bolt");

const app = new App({
  signingSecret: process.argv[1],
  // Instead of a token, which Bolt would first show to Slack.
  authorize: async () => ({ botId: "B1", botUserId: "U2" }),
  logLevel: "error",
});

app.command("/gantry", async ({ ack }) => {
  await ack();
});

app.start({ host: "127.0.0.1", port: 0 }).then((server) => {
  console.log(`listening ${server.address().address}:${server.address().port}`);
});
