package io.gochat.server;

import picocli.CommandLine.IVersionProvider;

/** The version that was built. Stateless. */
final class Version implements IVersionProvider {
  /** {@code 1.2.3}. */
  static String number() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  /** With the name of what it is. */
  static String text() {
    return "gochat " + number();
  }

  @Override
  public String[] getVersion() {
    return new String[] {text()};
  }
}
