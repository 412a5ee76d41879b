package io.proofofplay.runner.backend;

import io.proofofplay.core.config.ByteSize;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A size on the command line, written as in the configuration. */
final class SizeOption implements ITypeConverter<ByteSize> {

  @Override
  public ByteSize convert(String text) {
    try {
      return ByteSize.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage() + "; write 64KiB");
    }
  }
}
