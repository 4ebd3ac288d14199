'use strict';
// Slack's own Web API client against the embedded workspace: it pages, posts, updates, opens views, and gets over a 429.

const assert = require('node:assert/strict');
const { WebClient, WebClientEvent, ErrorCode, LogLevel } = require('@slack/web-api');
const { given, tell } = require('./steps.js');

const plain = (text) => ({ type: 'plain_text', text });
const card = (title) => [
  { type: 'section', text: { type: 'mrkdwn', text: title } },
  { type: 'actions', elements: [{ type: 'button', text: plain('Approve'), action_id: 'approve', value: 'op-1' }] },
];
const form = (title) => ({
  type: 'modal',
  callback_id: 'deploy',
  title: plain(title),
  submit: plain('Do it'),
  blocks: [
    { type: 'input', block_id: 'why', label: plain('Why'), element: { type: 'plain_text_input', action_id: 'text' } },
  ],
});

/** Everything of a method that gives pages, two at a time; and how many pages that were. */
async function all(web, method, field) {
  const found = [];
  let pages = 0;
  for await (const page of web.paginate(method, { limit: 2 })) {
    pages += 1;
    assert.ok(page[field].length <= 2, `${method} gives pages of two`);
    found.push(...page[field]);
  }
  return { found, pages };
}

async function refusal(call, code) {
  await assert.rejects(call, (error) => error.code === ErrorCode.PlatformError && error.data.error === code);
}

async function posts(web, channel) {
  const { ts } = await web.chat.postMessage({ channel, text: 'Deploy web to dev?', blocks: card('*Deploy*?') });
  await web.chat.postMessage({ channel, text: 'Planned', thread_ts: ts });
  await web.chat.update({ channel, ts, text: 'Deploy web to dev, please?', blocks: card('*Deploy*, please?') });
  const { messages } = await web.conversations.replies({ channel, ts });
  assert.deepEqual(
    messages.map((message) => message.text),
    ['Deploy web to dev, please?', 'Planned'],
  );
  const { permalink } = await web.chat.getPermalink({ channel, message_ts: ts });
  assert.ok(permalink.endsWith(`p${ts.replace('.', '')}`), permalink);
  await refusal(web.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' }), 'channel_not_found');
  await refusal(web.chat.update({ channel, ts: '1.000001', text: 'x' }), 'message_not_found');
  return ts;
}

async function views(web, trigger_id, user_id) {
  const { view } = await web.views.open({ trigger_id, view: form('Deploy') });
  await web.views.update({ view_id: view.id, hash: view.hash, view: form('Deploy web') });
  await refusal(web.views.update({ view_id: view.id, hash: view.hash, view: form('Deploy api') }), 'hash_conflict');
  await refusal(web.views.open({ trigger_id, view: form('Deploy') }), 'exchanged_trigger_id');
  await web.views.publish({ user_id, view: { type: 'home', blocks: card('*Environments*') } });
}

async function main() {
  const { api_url, bot_token, trigger_id } = await given();
  const web = new WebClient(bot_token, { slackApiUrl: `${api_url}/`, logLevel: LogLevel.ERROR });
  const me = await web.auth.test();
  const users = await all(web, 'users.list', 'members');
  const channels = await all(web, 'conversations.list', 'channels');
  assert.ok(users.pages > 1 && channels.pages > 1, 'there is more than one page of each');
  const user = (name) => users.found.find((one) => one.name === name).id;
  assert.equal(me.user_id, user('gantry'));
  const { usergroups } = await web.usergroups.list({ include_users: true });
  const platform = usergroups.find((group) => group.handle === 'platform');
  assert.deepEqual(platform.users, [user('platform'), user('platform-two')]);
  const channel = channels.found.find((one) => one.name === 'dev').id;

  const ts = await posts(web, channel);
  // The test has asked for a 429 here.
  let waited;
  web.once(WebClientEvent.RATE_LIMITED, (seconds) => {
    waited = seconds;
  });
  await web.reactions.add({ channel, timestamp: ts, name: 'eyes' });
  assert.equal(waited, 1, 'the 429 was taken as one');
  await views(web, trigger_id, user('developer'));
  tell('done', { ts });
}

main();
