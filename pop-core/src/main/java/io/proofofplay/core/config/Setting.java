package io.proofofplay.core.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one component of a record of settings: what it means and its bounds. The binder checks
 * the bounds, the manual prints the text; the default is what the record's constructor puts in the
 * place of {@code null}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

  /**
   * What the setting means, in a sentence without a full stop.
   *
   * @return the text for the manual
   */
  String value();

  /**
   * The smallest value, in the setting's own notation ({@code 1KiB}, {@code 100ms}, {@code 1}).
   *
   * @return the bound, or empty for none
   */
  String min() default "";

  /**
   * The largest value, in the setting's own notation.
   *
   * @return the bound, or empty for none
   */
  String max() default "";

  /**
   * A value that is right, for messages and the manual.
   *
   * @return the example, or empty for none
   */
  String example() default "";

  /**
   * Whether there is no default: a file without it is refused.
   *
   * @return whether it must be given
   */
  boolean required() default false;
}
