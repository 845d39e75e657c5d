import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/**
 * The records of a topic counted for each key, in Kafka Streams with RocksDB, exactly once.
 * Arguments: topic, application id, how many records to wait for, a folder for the stores. Values are not even parsed.
 * Prints what it took as JSON, with the sum of all counts.
 */
public final class StreamsCount {
  private static final String COUNTS = "counts";

  public static void main(String[] args) throws Exception {
    String brokers = System.getenv("KAFKA_BROKERS");
    KafkaStreams streams = topology(args[0], args[1], brokers, args[3]);
    Took took = new Took();
    streams.start();
    awaitCommit(streams, brokers, args[1], new TopicPartition(args[0], 0), Long.parseLong(args[2]));
    long sum = 0;
    var query = StoreQueryParameters.fromNameAndType(COUNTS, QueryableStoreTypes.<String, Long>keyValueStore());
    try (KeyValueIterator<String, Long> counts = streams.store(query).all()) {
      while (counts.hasNext()) {
        KeyValue<String, Long> each = counts.next();
        sum += each.value;
      }
    }
    System.out.println(took.asJson(Long.toString(sum)));
    streams.close(Duration.ofSeconds(20));
  }

  private static KafkaStreams topology(String topic, String id, String brokers, String folder) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, id);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    StreamsBuilder builder = new StreamsBuilder();
    Materialized<String, Long, KeyValueStore<Bytes, byte[]>> counts = Materialized.as(COUNTS);
    builder.stream(topic, Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .groupByKey(Grouped.with(Serdes.String(), Serdes.ByteArray()))
        .count(counts.withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    return streams;
  }

  /** Until the positions behind all records are committed, and with them the counts. */
  private static void awaitCommit(KafkaStreams streams, String brokers, String id, TopicPartition partition, long count)
      throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      while (true) {
        OffsetAndMetadata found = null;
        try {
          found = admin.listConsumerGroupOffsets(id).partitionsToOffsetAndMetadata().get().get(partition);
        } catch (java.util.concurrent.ExecutionException notYet) {
          // The group does not exist before it has begun.
        }
        if (found != null && found.offset() >= count) return;
        if (streams.state().hasCompletedShutdown()) throw new IllegalStateException("Kafka Streams has ended.");
        Thread.sleep(50);
      }
    }
  }
}
