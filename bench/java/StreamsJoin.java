import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.state.Stores;

/**
 * The inner join of two topics on equal keys, in Kafka Streams, at least once.
 * Arguments: rocksdb|memory, left, right, output, how many results to wait for, a folder for the stores.
 * Prints what it took as JSON. CPU time is that of the whole JVM, from the start of the topology on.
 */
public final class StreamsJoin {
  /** How far apart two elements with one key may be; here they are not at all. */
  private static final Duration WINDOW = Duration.ofMillis(5);

  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    String output = args[3];
    String brokers = System.getenv("KAFKA_BROKERS");
    KafkaStreams streams = topology(args[0].equals("memory"), args[1], args[2], output, brokers, args[5]);
    Took took = new Took();
    streams.start();
    awaitResults(streams, brokers, output, Long.parseLong(args[4]));
    System.out.println(took.asJson(""));
    streams.close(Duration.ofSeconds(20));
  }

  private static KafkaStreams topology(
      boolean inMemory, String left, String right, String output, String brokers, String folder) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, output + "-streams");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder);
    JoinWindows windows = JoinWindows.ofTimeDifferenceWithNoGrace(WINDOW);
    Serde<String> text = Serdes.String();
    StreamJoined<String, String, String> stores = StreamJoined.with(text, text, text);
    if (inMemory) {
      Duration size = Duration.ofMillis(windows.size());
      Duration retention = size.plusMillis(windows.gracePeriodMs());
      stores =
          stores
              .withThisStoreSupplier(Stores.inMemoryWindowStore("lefts", retention, size, true))
              .withOtherStoreSupplier(Stores.inMemoryWindowStore("rights", retention, size, true));
    }
    StreamsBuilder builder = new StreamsBuilder();
    Consumed<String, String> texts = Consumed.with(text, text);
    builder.stream(left, texts)
        .join(builder.stream(right, texts), StreamsJoin::both, windows, stores)
        .to(output, Produced.with(text, text));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    return streams;
  }

  private static String both(String left, String right) {
    try {
      JsonNode here = JSON.readTree(left);
      JsonNode there = JSON.readTree(right);
      return JSON.writeValueAsString(
          JSON.createObjectNode()
              .put("time", here.get("time").asLong())
              .put("x", here.get("x").asDouble())
              .put("y", there.get("y").asDouble()));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** Looks at the end of the topic only: reading it would cost CPU time. */
  private static void awaitResults(KafkaStreams streams, String brokers, String output, long count)
      throws InterruptedException {
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    TopicPartition partition = new TopicPartition(output, 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(Map.of("bootstrap.servers", brokers), bytes, bytes)) {
      while (consumer.endOffsets(List.of(partition)).get(partition) < count) {
        if (streams.state().hasCompletedShutdown()) throw new IllegalStateException("Kafka Streams has ended.");
        Thread.sleep(50);
      }
    }
  }
}
