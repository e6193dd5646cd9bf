package io.alexnet.examples.cli;

import java.io.File;

/** An argument of a command that is printed to be typed again. */
final class Quoted {

  private Quoted() {}

  /** As it is, or in quotes where a shell would take it apart. */
  static String of(Object argument) {
    String text = argument.toString();
    if (File.separatorChar == '\\') { // cmd.exe knows no other quotes
      return text.matches("[\\w./:,=@+\\\\-]+") ? text : '"' + text + '"';
    }
    return text.matches("[\\w./:,=@%+-]+")
        ? text
        : "'" + text.replace("'", "'\\''").replaceAll("\\R", " ") + "'";
  }
}
