"""Reads the hub's records as anybody outside would: Confluent's own client, and the address of a registry.

    SCHEMA_REGISTRY_URL=http://… read.py BROKERS TOPIC…     everything that lies there now
    SCHEMA_REGISTRY_URL=http://… read.py                    records from standard input, a JSON object a line

Prints a JSON object for each record. Bytes are base64, instants milliseconds since 1970.
"""

import base64
import json
import os
import sys
from datetime import datetime

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

registry = SchemaRegistryClient({"url": os.environ["SCHEMA_REGISTRY_URL"]})
deserialise = AvroDeserializer(registry)


def show(topic, partition, offset, key, headers, value):
    read = deserialise(value, SerializationContext(topic, MessageField.VALUE))
    record = {
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "key": key,
        "headers": headers,
        "raw": value,
        "value": read,
    }
    print(json.dumps(record, default=plain))


def plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    raise TypeError(type(value).__name__)


def from_brokers(brokers, topics):
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "outside",
            "enable.auto.commit": False,
            "enable.partition.eof": False,
        }
    )
    left = 0
    places = []
    for topic in topics:
        for partition in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
            start, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
            left += end - start
            places.append(TopicPartition(topic, partition, start))
    consumer.assign(places)
    while left > 0:
        message = consumer.poll(60)
        if message is None or message.error():
            sys.exit(f"{left} records did not come: {message and message.error()}")
        left -= 1
        headers = {name: text.decode() for name, text in message.headers() or []}
        key = message.key() and message.key().decode()
        show(message.topic(), message.partition(), message.offset(), key, headers, message.value())
    consumer.close()


def from_lines(lines):
    for line in lines:
        record = json.loads(line)
        value = record.pop("value")
        show(**record, value=value and base64.b64decode(value))


if len(sys.argv) > 1:
    from_brokers(sys.argv[1], sys.argv[2:])
else:
    from_lines(sys.stdin)
