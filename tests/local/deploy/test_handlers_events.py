"""SNS, SQS, Scheduler, EventBridge, CloudWatch: resources arrive in the API with the template's properties."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy import Clients, DeployedApp

    Deploy = Callable[..., DeployedApp]

ACCOUNT = "123456789012"
REGION = "us-east-1"
TAGS = [{"Key": "stage", "Value": "dev"}]


def statement(**elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **elements}]}


def test_topics_queues_and_subscriptions(clients: Clients, deploy_resources: Deploy) -> None:
    topic_arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"
    queue_policy = statement(
        Principal={"Service": "sns.amazonaws.com"}, Action="sqs:SendMessage", Resource="*"
    )
    topic_policy = statement(
        Principal={"Service": "events.amazonaws.com"}, Action="sns:Publish", Resource=topic_arn
    )
    app = deploy_resources(
        {
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "Properties": {
                    "TopicName": "t",
                    "DisplayName": "Runs",
                    "Subscription": [{"Protocol": "email", "Endpoint": "a@example.com"}],
                    "Tags": TAGS,
                },
            },
            "TopicPolicy": {
                "Type": "AWS::SNS::TopicPolicy",
                "Properties": {"PolicyDocument": topic_policy, "Topics": [{"Ref": "Topic"}]},
            },
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "QueueName": "q",
                    "MessageRetentionPeriod": 1_209_600,
                    "SqsManagedSseEnabled": True,
                    "RedrivePolicy": {
                        "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]},
                        "maxReceiveCount": 3,
                    },
                    "Tags": TAGS,
                },
            },
            "Dead": {"Type": "AWS::SQS::Queue"},
            "QueuePolicy": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"PolicyDocument": queue_policy, "Queues": [{"Ref": "Queue"}]},
            },
            "Subscription": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {
                    "TopicArn": {"Ref": "Topic"},
                    "Protocol": "sqs",
                    "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
                    "RawMessageDelivery": True,
                    "FilterPolicy": {"outcome": ["failed"]},
                },
            },
        },
        Outputs={"Url": {"Value": {"Ref": "Queue"}}},
    )
    sns, sqs = clients("sns"), clients("sqs")
    attributes = sns.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    assert attributes["DisplayName"] == "Runs"
    assert json.loads(attributes["Policy"]) == topic_policy
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    assert sorted(one["Protocol"] for one in subscriptions) == ["email", "sqs"]
    url = app.outputs["app"]["Url"]
    stored = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert stored["MessageRetentionPeriod"] == "1209600"
    assert json.loads(stored["RedrivePolicy"])["maxReceiveCount"] == 3
    assert json.loads(stored["Policy"]) == queue_policy
    mark = {"outcome": {"DataType": "String", "StringValue": "failed"}}
    sns.publish(TopicArn=topic_arn, Message="raw", MessageAttributes=mark)
    sns.publish(TopicArn=topic_arn, Message="filtered")
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in received] == ["raw"]


def test_schedules_and_rules(clients: Clients, deploy_resources: Deploy) -> None:
    target = {
        "Arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r",
        "Input": "{}",
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
    }
    schedule = {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "Name": "s",
            "GroupName": {"Ref": "Group"},
            "ScheduleExpression": "cron(0 3 ? * MON *)",
            "ScheduleExpressionTimezone": "Europe/Paris",
            "State": "DISABLED",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target,
        },
    }
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": "r",
            "EventPattern": {"source": ["aws.states"]},
            "State": "ENABLED",
            "Targets": [{"Id": "t", "Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t"}],
            "Tags": TAGS,
        },
    }
    group = {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "g", "Tags": TAGS}}
    app = deploy_resources(
        {"Schedule": schedule, "Group": group, "Rule": rule},
        Outputs={"Arn": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}}},
    )
    assert app.outputs["app"]["Arn"] == f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/g"
    stored = clients("scheduler").get_schedule(Name="s", GroupName="g")
    assert (stored["State"], stored["ScheduleExpressionTimezone"]) == ("DISABLED", "Europe/Paris")
    assert stored["Target"] == target
    events = clients("events")
    assert json.loads(events.describe_rule(Name="r")["EventPattern"]) == {"source": ["aws.states"]}
    assert [one["Id"] for one in events.list_targets_by_rule(Rule="r")["Targets"]] == ["t"]


def test_alarms_and_dashboards(clients: Clients, deploy_resources: Deploy) -> None:
    alarm = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "failed",
            "Namespace": "AWS/States",
            "MetricName": "ExecutionsFailed",
            "Dimensions": [{"Name": "StateMachineArn", "Value": "m"}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [f"arn:aws:sns:{REGION}:{ACCOUNT}:t"],
            "Tags": TAGS,
        },
    }
    dashboard = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardName": "pp", "DashboardBody": '{"widgets":[]}', "Tags": TAGS},
    }
    app = deploy_resources({"Alarm": alarm, "Dashboard": dashboard})
    cloudwatch = clients("cloudwatch")
    (stored,) = cloudwatch.describe_alarms(AlarmNames=["failed"])["MetricAlarms"]
    assert (stored["Threshold"], stored["TreatMissingData"]) == (1.0, "notBreaching")
    assert stored["Dimensions"] == [{"Name": "StateMachineArn", "Value": "m"}]
    assert json.loads(cloudwatch.get_dashboard(DashboardName="pp")["DashboardBody"]) == {"widgets": []}
    (resource,) = app.of_type("AWS::CloudWatch::Dashboard")
    assert [one.path for one in resource.not_applied] == ["Tags"]
