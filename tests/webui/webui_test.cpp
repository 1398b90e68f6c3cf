// The web page from a reader's side: what is typed and clicked in a real browser, before the real server.
#include <nlohmann/json.hpp>
#include "aurora/base/test_folder.h"
#include "aurora/serve/keys.h"
#include "tests/webui/web_page.h"

namespace aurora::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(WebPage, EnterSendsAndTheAnswerIsShownWithItsSpeed) {
  ask("hello");
  EXPECT_EQ(page().text(".user .body"), "hello");
  EXPECT_EQ(last_answer(), "\"Hello there!\"");
  EXPECT_THAT(page().text(".assistant .facts"), HasSubstr("tokens · "));
  // Tokens a second are shown when the answer took long enough to be measured, which this one may not.
  EXPECT_THAT(page().text(".assistant .facts"), HasSubstr("first after"));
  EXPECT_EQ(page().text("#title"), "hello");
  EXPECT_THAT(page().text("#live"), HasSubstr("Hello there!"));
}

TEST_F(WebPage, ShiftEnterMakesALine) {
  page().type("first");
  page().chord(keys::kShift, keys::kEnter);
  page().type("second");
  EXPECT_EQ(page().run("return document.querySelector('#input').value"), "first\nsecond");
  EXPECT_EQ(page().count(".user"), 0);
}

TEST_F(WebPage, EnterThatEndsAJapaneseWordSendsNothing) {
  page().cdp("Input.imeSetComposition", {{"text", "にほん"}, {"selectionStart", 3}, {"selectionEnd", 3}});
  page().run(
      "document.querySelector('#input').dispatchEvent("
      "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))");
  EXPECT_EQ(page().count(".user"), 0);
}

TEST_F(WebPage, TheModelSeesTheWholeBranch) {
  ask("hello");
  ask("again");
  EXPECT_EQ(last_answer(), "\"Once more.\"");
  const Json request = last_request();
  ASSERT_EQ(request["messages"].size(), 3u);
  EXPECT_EQ(request["messages"][1]["role"], "assistant");
  EXPECT_EQ(request["messages"][1]["content"], "Hello there!");
}

TEST_F(WebPage, AnAnswerAppearsWhileItIsMadeAndEscStopsIt) {
  say("slow");
  page().wait("document.querySelector('.assistant .body')?.innerText.length > 20");
  EXPECT_GT(page().count(".writing"), 0);
  EXPECT_EQ(server_->running(), 1);
  page().press(keys::kEscape);
  wait_until_idle();
  EXPECT_LT(last_answer().size(), 390u);
  EXPECT_THAT(page().text(".assistant .facts"), HasSubstr("stopped"));
  for (int i = 0; i < 200 && server_->running() > 0; ++i) page().run("return 1");
  EXPECT_EQ(server_->running(), 0);
}

TEST_F(WebPage, AnAnswerIsMadeAgainBesideTheFirst) {
  ask("hello");
  page().click("[aria-label='Make this answer again']");
  page().wait("document.querySelector('.versions .count')?.innerText === '2/2'");
  wait_until_idle();
  page().click("[aria-label='Earlier version']");
  EXPECT_EQ(page().text(".versions .count"), "1/2");
  EXPECT_EQ(server_->asked().size(), 2u);
}

TEST_F(WebPage, AnEditedMessageBeginsABranch) {
  ask("hello");
  ask("again");
  page().click(".user [aria-label='Edit']");
  page().run("document.querySelector('.editing textarea').value = ''");
  page().type("again");
  page().press(keys::kEnter);
  page().wait("document.querySelectorAll('.assistant .facts').length === 1");
  EXPECT_EQ(last_answer(), "\"Once more.\"");
  EXPECT_EQ(last_request()["messages"].size(), 1u);
  page().click("[aria-label='Earlier version']");
  EXPECT_EQ(page().count(".user"), 2);
  EXPECT_EQ(page().text(".user .body"), "hello");
}

TEST_F(WebPage, TheArrowEditsTheLastMessageAndEscLeavesIt) {
  ask("hello");
  page().press(keys::kUp);
  page().wait("document.activeElement.closest('.editing')");
  EXPECT_EQ(page().run("return document.activeElement.value"), "hello");
  page().press(keys::kEscape);
  EXPECT_EQ(page().count(".editing"), 0);
  EXPECT_EQ(page().text(".user .body"), "hello");
}

TEST_F(WebPage, SettingsGoIntoTheRequest) {
  page().click("#open-settings");
  page().run(R"(
    const field = document.querySelector('#settings form').elements;
    field.system.value = 'Be brief.';
    field.temperature.value = '0.5'; field.top_p.value = '0.9'; field.top_k.value = '40'; field.min_p.value = '0.05';
    field.max_tokens.value = '7'; field.seed.value = '42'; field.stop.value = 'END\nSTOP';
    field.probabilities.checked = true;)");
  page().click("#settings .main");
  ask("hello");
  const Json request = last_request();
  EXPECT_EQ(request["messages"][0], Json({{"role", "system"}, {"content", "Be brief."}}));
  EXPECT_EQ(request["temperature"], 0.5);
  EXPECT_EQ(request["top_p"], 0.9);
  EXPECT_EQ(request["top_k"], 40);
  EXPECT_EQ(request["min_p"], 0.05);
  EXPECT_EQ(request["max_tokens"], 7);
  EXPECT_EQ(request["seed"], 42);
  EXPECT_EQ(request["stop"], Json({"END", "STOP"}));
  EXPECT_THAT(page().text(".assistant .facts"), HasSubstr("cut off at the longest length"));
}

TEST_F(WebPage, TokensShowHowLikelyTheyWere) {
  page().click("#probabilities");
  ask("日本語");
  // The characters are three tokens each, and shown whole.
  EXPECT_THAT(page().text(".tokens"), HasSubstr("こんにちは、世界。"));
  EXPECT_THAT(page().text(".tokens"), Not(HasSubstr("User:")));  // where the template ends a turn
  page().hover(".tokens span:nth-child(2)");
  page().wait("!document.querySelector('#alternatives').hidden");
  EXPECT_GE(page().count("#alternatives tr"), 5);
  EXPECT_THAT(page().text("#alternatives .chosen"), HasSubstr("%"));
  page().click("#probabilities");
  EXPECT_EQ(page().count(".tokens"), 0);
}

TEST_F(WebPage, ConversationsAreKeptFoundRenamedAndRemoved) {
  ask("hello");
  page().chord(keys::kControl, "k");
  EXPECT_EQ(page().count(".user"), 0);
  ask("again");
  page().reload();
  EXPECT_EQ(last_answer(), "\"Once more.\"");
  EXPECT_EQ(page().count("#conversations li"), 2);

  page().run("document.querySelector('#search').focus()");
  page().type("there");
  EXPECT_EQ(page().count("#conversations li"), 1);
  page().click("#conversations .choose");
  EXPECT_EQ(last_answer(), "\"Hello there!\"");

  page().click("#conversations [aria-label='Rename']");
  page().type("greeting");
  page().press(keys::kEnter);
  EXPECT_EQ(page().text("#title"), "greeting");

  page().click("#conversations [aria-label='Delete']");
  EXPECT_EQ(page().count("#conversations .choose"), 0);
  page().click("#toast button");
  EXPECT_EQ(page().text("#conversations .choose"), "greeting");
}

TEST_F(WebPage, AModelIsChosen) {
  begin(kDialogue, {"parrot", "jay"});
  page().run(
      "const model = document.querySelector('#model'); model.value = 'jay'; "
      "model.dispatchEvent(new Event('change'))");
  ask("hello");
  EXPECT_EQ(last_request()["model"], "jay");
  EXPECT_THAT(page().text(".assistant .facts"), HasSubstr("jay"));
}

TEST_F(WebPage, ConversationsAreExported) {
  page().run(
      "window.saved = []; URL.createObjectURL = (blob) => { blob.text().then((text) => saved.push(text)); "
      "return '#'; }");
  ask("hello");
  page().click("#export summary");
  page().click("#export-markdown");
  page().wait("saved.length === 1");
  EXPECT_THAT(page().run("return saved[0]").get<std::string>(),
              HasSubstr("## Assistant (parrot)\n\nHello there!\n"));
  page().click("#export summary");
  page().click("#export-json");
  page().wait("saved.length === 2");
  const Json exported = Json::parse(page().run("return saved[1]").get<std::string>());
  EXPECT_EQ(exported["title"], "hello");
  EXPECT_EQ(exported["nodes"].size(), 2u);
}

TEST_F(WebPage, AKeyIsAskedForAndUsed) {
  const TestFolder folder;
  const serve::NewKey key = serve::make_key("reader");
  serve::append_key(folder / "keys.toml", key.key);
  serve::ServiceSettings settings;
  settings.keys = folder / "keys.toml";
  begin(kDialogue, {"parrot"}, settings);
  page().wait("document.querySelector('#settings').open && document.activeElement.name === 'key'");
  page().type(key.secret);
  page().press(keys::kEnter);
  page().wait("document.querySelector('#model').value === 'parrot'");
  ask("hello");
  EXPECT_EQ(last_answer(), "\"Hello there!\"");
  EXPECT_EQ(page().run("return localStorage.getItem('aurora.key')"), nullptr);  // of this session only
  EXPECT_THAT(page().errors(), HasSubstr("401"));                               // the first question's
}

TEST_F(WebPage, AServerThatIsGoneIsSaidSo) {
  ask("hello");
  server_.reset();
  ask("again");
  EXPECT_THAT(page().text(".error"), HasSubstr("cannot be reached"));
  page().errors();  // the browser's own words about it
}

}  // namespace
}  // namespace aurora::testing
