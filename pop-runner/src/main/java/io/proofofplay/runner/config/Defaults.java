package io.proofofplay.runner.config;

import io.proofofplay.core.config.Renewable;
import io.proofofplay.core.config.Setting;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Optional;

/**
 * The defaults of a record of settings: what its constructor puts where nothing is given. Where it
 * insists on a required component, that one's example stands in.
 */
final class Defaults {

  private Defaults() {}

  static <R extends Record> Optional<R> of(Class<R> type) {
    Optional<R> bare = made(type, false);
    return bare.isPresent() ? bare : made(type, true);
  }

  /** The default of one component; empty if it has none. */
  static Optional<Object> of(Optional<? extends Record> defaults, RecordComponent component) {
    Setting setting = component.getAnnotation(Setting.class);
    if (defaults.isEmpty() || (setting != null && setting.required())) {
      return Optional.empty();
    }
    try {
      component.getAccessor().setAccessible(true);
      Object value = component.getAccessor().invoke(defaults.get());
      return Optional.ofNullable(value instanceof Renewable<?> renewable ? renewable.get() : value);
    } catch (ReflectiveOperationException e) {
      return Optional.empty();
    }
  }

  /** What a component of this type gets if nothing is given. */
  static Object empty(Class<?> type) {
    return type.isPrimitive() ? Array.get(Array.newInstance(type, 1), 0) : null;
  }

  /** What a required component gets, for its record's checks, while its own value is wrong. */
  static Object standIn(RecordComponent component) {
    Setting setting = component.getAnnotation(Setting.class);
    return setting != null && setting.required() && !setting.example().isEmpty()
        ? example(component, setting).orElse(null)
        : null;
  }

  private static <R extends Record> Optional<R> made(Class<R> type, boolean withExamples) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      Setting setting = components[i].getAnnotation(Setting.class);
      boolean example = withExamples && setting != null && setting.required();
      values[i] =
          example ? example(components[i], setting).orElse(null) : empty(components[i].getType());
    }
    try {
      Constructor<R> constructor = RecordBinder.constructor(type);
      return Optional.of(constructor.newInstance(values));
    } catch (InvocationTargetException e) {
      return Optional.empty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the record " + type.getName() + " cannot be made", e);
    }
  }

  private static Optional<Object> example(RecordComponent component, Setting setting) {
    return Notation.of(component.getGenericType())
        .map(notation -> notation.read(setting.example()));
  }
}
