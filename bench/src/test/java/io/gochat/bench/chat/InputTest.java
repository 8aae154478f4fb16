package io.gochat.bench.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InputTest {
  @Test
  void a_line_is_said_and_a_double_slash_says_a_slash() {
    assertThat(Input.parse("hello there ")).isEqualTo(new Input.Say("hello there"));
    assertThat(Input.parse("//etc")).isEqualTo(new Input.Say("/etc"));
    assertThat(Input.parse("   ")).isEqualTo(new Input.Nothing());
  }

  @Test
  void commands_are_understood_in_any_case() {
    assertThat(Input.parse("/join 9")).isEqualTo(new Input.Join(9));
    assertThat(Input.parse("/LEAVE")).isEqualTo(new Input.Leave());
    assertThat(Input.parse("/who")).isEqualTo(new Input.Who());
    assertThat(Input.parse("/history")).isEqualTo(new Input.History(20));
    assertThat(Input.parse("/history 5")).isEqualTo(new Input.History(5));
    assertThat(Input.parse("/help")).isEqualTo(new Input.Help());
    assertThat(Input.parse("/quit")).isEqualTo(new Input.Quit());
  }

  @Test
  void a_direct_message_names_its_recipient_with_quotes_where_there_are_blanks() {
    assertThat(Input.parse("/msg bob hi  you")).isEqualTo(new Input.Direct("bob", "hi  you"));
    assertThat(Input.parse("/msg \"mary ann\" hi")).isEqualTo(new Input.Direct("mary ann", "hi"));
  }

  @Test
  void mistakes_say_what_was_expected() {
    for (String line :
        new String[] {"/msg bob", "/msg", "/join x", "/join 0", "/history 101", "/nonsense"}) {
      assertThat(Input.parse(line)).as(line).isInstanceOf(Input.Mistake.class);
    }
  }

  @Test
  void nothing_that_a_terminal_obeys_survives() {
    assertThat(SafeText.of("a\u001b[2Jb\u0007")).isEqualTo("a\uFFFD[2Jb\uFFFD");
    assertThat(SafeText.of("x\u009b31m\u007f\r")).isEqualTo("x\uFFFD31m\uFFFD\uFFFD");
    assertThat(SafeText.of("abc\u202edef\u2066")).isEqualTo("abc\uFFFDdef\uFFFD");
    assertThat(SafeText.of("one\ntwo\u2028")).isEqualTo("one ⏎ two\uFFFD");
    assertThat(SafeText.of("\ud800")).isEqualTo("\uFFFD");
  }

  @Test
  void harmless_text_of_any_script_stays_as_it_is() {
    String text = "héllo 你好 👩‍🚀 ∑";

    assertThat(SafeText.of(text)).isEqualTo(text);
  }
}
