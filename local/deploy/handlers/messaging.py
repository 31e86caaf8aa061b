"""SNS topics and subscriptions, SQS queues, and their policies."""

from __future__ import annotations

import json
from typing import Any

from local.deploy.model import Created, Handler, ResourceRequest
from local.deploy.properties import Block, api_tags

_TOPIC_ATTRIBUTES = (
    "DisplayName",
    "KmsMasterKeyId",
    "FifoTopic",
    "ContentBasedDeduplication",
    "SignatureVersion",
    "TracingConfig",
)
_QUEUE_ATTRIBUTES = (
    "DelaySeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
)


def create_topic(request: ResourceRequest) -> Created:
    """A topic, with the subscriptions written into it."""
    block, sns = request.properties, request.clients("sns")
    name = request.named("TopicName", 256)
    attributes = _attributes(block, _TOPIC_ATTRIBUTES)
    arn = sns.create_topic(Name=name, Attributes=attributes, Tags=api_tags(block))["TopicArn"]
    for subscription in block.blocks("Subscription"):
        sns.subscribe(
            TopicArn=arn,
            Protocol=subscription.required("Protocol"),
            Endpoint=subscription.required("Endpoint"),
        )
    return Created(arn, {"TopicArn": arn, "TopicName": name})


def create_topic_policy(request: ResourceRequest) -> Created:
    """One policy for one or several topics."""
    policy = json.dumps(request.properties.document("PolicyDocument"))
    for arn in request.properties.required("Topics"):
        request.clients("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=policy
        )
    return Created(request.identity.physical_name(128))


def create_subscription(request: ResourceRequest) -> Created:
    """A subscription of a topic."""
    block = request.properties
    attributes = _attributes(block, ("RawMessageDelivery", "FilterPolicyScope", "SubscriptionRoleArn"))
    for key in ("FilterPolicy", "DeliveryPolicy", "RedrivePolicy"):
        if key in block:
            attributes[key] = json.dumps(block.document(key))
    arn = request.clients("sns").subscribe(
        TopicArn=block.required("TopicArn"),
        Protocol=block.required("Protocol"),
        Endpoint=block.required("Endpoint"),
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Created(arn, {"Arn": arn})


def create_queue(request: ResourceRequest) -> Created:
    """A queue. Its URL, which Ref gives, names the endpoint and so changes with the port."""
    block = request.properties
    name = request.named("QueueName", 80)
    attributes = _attributes(block, _QUEUE_ATTRIBUTES)
    for key in ("RedrivePolicy", "RedriveAllowPolicy"):
        if key in block:
            attributes[key] = json.dumps(block.document(key))
    tags = {tag["Key"]: tag["Value"] for tag in api_tags(block)}
    url = request.clients("sqs").create_queue(QueueName=name, Attributes=attributes, tags=tags)["QueueUrl"]
    return Created(url, {"Arn": request.arn("sqs", name), "QueueName": name, "QueueUrl": url})


def create_queue_policy(request: ResourceRequest) -> Created:
    """One policy for one or several queues."""
    policy = json.dumps(request.properties.document("PolicyDocument"))
    for url in request.properties.required("Queues"):
        request.clients("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return Created(request.identity.physical_name(128))


def _attributes(block: Block, names: tuple[str, ...]) -> dict[str, str]:
    """Both services take attributes as text."""
    return {name: _text(value) for name, value in block.given({name: name for name in names}).items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


HANDLERS: dict[str, Handler] = {
    "AWS::SNS::Topic": create_topic,
    "AWS::SNS::TopicPolicy": create_topic_policy,
    "AWS::SNS::Subscription": create_subscription,
    "AWS::SQS::Queue": create_queue,
    "AWS::SQS::QueuePolicy": create_queue_policy,
}
