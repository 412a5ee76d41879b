package io.proofofplay.runner.config;

import io.proofofplay.core.config.Renewable;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.config.Setting;
import io.proofofplay.core.spi.EventSourceProvider;
import io.proofofplay.core.spi.SubmitterProvider;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The manual's table of settings, written from the records that the binder binds. */
final class ManualTable {

  private final StringBuilder text = new StringBuilder();

  static String of(Adapters adapters) {
    ManualTable table = new ManualTable();
    table.part("`spool:`", SpoolPlace.class);
    for (EventSourceProvider<?> provider : adapters.sources().values()) {
      table.part("A source of `type: %s`".formatted(provider.type()), provider.configType());
    }
    table.part("Every sink", Delivery.class);
    for (SubmitterProvider<?> provider : adapters.sinks().values()) {
      table.part("A sink of `type: %s`".formatted(provider.type()), provider.configType());
    }
    table.part("`history:`", HistoryConfig.class);
    table.part("`ops:`", OpsConfig.class);
    return table.text.toString();
  }

  private void part(String title, Class<? extends Record> type) {
    text.append("### ").append(title).append("\n\n");
    text.append("| key | value | default | meaning |\n|---|---|---|---|\n");
    rows("", type);
    text.append('\n');
  }

  private void rows(String prefix, Class<? extends Record> type) {
    Optional<? extends Record> defaults = Defaults.of(type);
    for (RecordComponent component : type.getRecordComponents()) {
      Class<?> raw = component.getType();
      if (raw.isRecord() && Notation.of(raw).isEmpty()) {
        row(prefix, component, "section", "");
        rows(prefix + component.getName() + ".", raw.asSubclass(Record.class));
      } else {
        row(prefix, component, value(component), byDefault(component, defaults));
      }
    }
  }

  private void row(String prefix, RecordComponent component, String value, String byDefault) {
    Setting setting = component.getAnnotation(Setting.class);
    text.append(
        "| `%s%s` | %s | %s | %s |%n"
            .formatted(
                prefix,
                component.getName(),
                value,
                byDefault,
                setting.value().replace("|", "\\|")));
  }

  private static String value(RecordComponent component) {
    Bounds bounds = Bounds.of(component);
    String range = bounds.range();
    return kind(component.getGenericType()) + (range.isEmpty() ? "" : ", " + range);
  }

  private static String kind(Type type) {
    if (type == Secret.class) {
      return "secret text";
    }
    if (type instanceof ParameterizedType shape && shape.getRawType() == Renewable.class) {
      return kind(shape.getActualTypeArguments()[0]);
    }
    if (type instanceof ParameterizedType shape) {
      return shape.getRawType() == List.class
          ? "list of " + kind(shape.getActualTypeArguments()[0])
          : "section of names, each with a " + kind(shape.getActualTypeArguments()[1]);
    }
    Notation<?> notation = Notation.of(type).orElseThrow();
    return notation.choices().isEmpty()
        ? notation.name()
        : String.join(", ", notation.choices().stream().map(word -> "`" + word + "`").toList());
  }

  private static String byDefault(RecordComponent component, Optional<? extends Record> defaults) {
    if (component.getAnnotation(Setting.class).required()) {
      return "must be given";
    }
    return Defaults.of(defaults, component).map(value -> written(component, value)).orElse("none");
  }

  private static String written(RecordComponent component, Object value) {
    if (value.equals("")) {
      return "empty";
    }
    if (value instanceof Map<?, ?> map && map.isEmpty()) {
      return "`{}`";
    }
    if (value instanceof List<?> list && list.isEmpty()) {
      return "`[]`";
    }
    return Notation.of(component.getType())
        .map(notation -> "`" + notation.write(value) + "`")
        .orElse("none");
  }
}
